import { expect, test } from "vitest";
import { writtenByLinks } from "../../checks/volumes/leads-out.ts";

const of = (path: string, target: string, ...written: string[]) =>
  writtenByLinks([{ path, target }], ["/data", "/srv/files"], written).map(({ file }) => file);

test("what is written behind a link that leads out of all volumes is lost", () => {
  expect(of("/data/db", "/var/lib/app", "/var/lib/app", "/var/lib/app/rows.db")).toContain("/var/lib/app/rows.db");
  expect(of("/data/rows.db", "/opt/rows.db", "/opt/rows.db")).toEqual(["/opt/rows.db"]);
});

test.each<[string, string, string, string]>([
  ["it leads into another volume", "/data/db", "/srv/files/db", "/srv/files/db/rows.db"],
  ["nothing was written there", "/data/db", "/var/lib/app", "/var/lib/application/rows.db"],
  ["what is there is made again", "/data/db", "/var/cache/app", "/var/cache/app/rows.db"],
  ["the link itself is of the moment", "/data/app.log", "/dev/stdout", "/dev/stdout"],
  ["it is a setting", "/data/config", "/etc/app", "/etc/app/app.conf"],
])("nothing is where %s", (_, path, target, written) => expect(of(path, target, written)).toEqual([]));

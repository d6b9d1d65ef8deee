import { describe, expect, test } from "vitest";
import { isTaken, mayWrite, readVolumes } from "../../checks/volumes/keeps-access.ts";
import { keepsVolumes, volumeMoves, within } from "../../checks/volumes/keeps-volumes.ts";
import { isScratch } from "../../checks/volumes/lost-volumes.ts";
import type { AppSpec, Mount, VolumeSpec } from "../../compose/app-spec.ts";
import { databaseServices } from "../../compose/labels/databases.ts";
import { appSpec, checkContext, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const volume = (key: string): VolumeSpec => ({ key, name: `wiki_${key}`, external: false, driverOpts: {}, labels: {} });
const mounts = (...pairs: [string, string, Partial<Mount>?][]) =>
  pairs.map(([key, target, over]) => volumeMount(`wiki_${key}`, target, over));

/** An app whose service `app` keeps files, and whose `db` has what a test says. */
function app(db: Mount[] | undefined, over: Partial<AppSpec> = {}): AppSpec {
  return appSpec({
    services: [
      serviceSpec({ mounts: mounts(["files", "/files"]) }),
      ...(db ? [serviceSpec({ key: "db", mounts: db })] : []),
    ],
    volumes: [volume("files"), volume("rows"), volume("tables"), volume("redis-cache")],
    ...over,
  });
}
const base = app(mounts(["rows", "/var/lib/db"]));

/** Head, whose database is another service. */
function renamed(image: string, key: string): AppSpec {
  const { services, ...rest } = app([]);
  const store = serviceSpec({ key: "store", image, mounts: mounts([key, "/var/lib/db"]) });
  return { ...rest, services: [...services.slice(0, 1), store] };
}

describe("where an upgrade has the data", () => {
  test("is lost with a database that goes, and whose volume nobody mounts", () => {
    const [own, db] = base.services;
    const from = { ...base, services: [own, { ...db, image: "mysql:8" }] } as AppSpec;
    expect(of(app(undefined), from).lost).toEqual(["rows"]);
    expect(of(renamed("postgres:15", "tables"), from).lost).toEqual(["rows"]);
    expect(of(renamed("mariadb:11", "rows"), from).lost).toEqual([]);
  });

  const of = (head: AppSpec, from = base) => {
    const { lost, moved, kept } = volumeMoves(from, head);
    const names = (places: { volume: string }[]) => places.map((place) => place.volume);
    return { lost: names(lost), moved: names(moved), kept: names(kept) };
  };

  test.each<[string, AppSpec, { lost: string[]; moved: string[]; kept: string[] }]>([
    ["where it was", base, { lost: [], moved: [], kept: ["files", "rows"] }],
    ["under another name", app(mounts(["tables", "/var/lib/db"])), { lost: ["rows"], moved: [], kept: ["files"] }],
    ["nowhere", app([]), { lost: ["rows"], moved: [], kept: ["files"] }],
    ["at another path", app(mounts(["rows", "/data"])), { lost: [], moved: ["rows"], kept: ["files"] }],
    [
      "in another folder of it",
      app(mounts(["rows", "/var/lib/db", { volume: { subpath: "new" } }])),
      { lost: ["rows"], moved: [], kept: ["files"] },
    ],
    ["in no service, as that one is gone", app(undefined), { lost: [], moved: [], kept: ["files"] }],
    [
      "in a service of another name, under another name",
      renamed("wiki:1.0", "tables"),
      { lost: ["rows"], moved: [], kept: ["files"] },
    ],
    ["in a service of another name", renamed("wiki:1.0", "rows"), { lost: [], moved: [], kept: ["files", "rows"] }],
    ["in none that does the same", renamed("other:1.0", "tables"), { lost: [], moved: [], kept: ["files"] }],
  ])("%s", (_, head, moves) => {
    expect(of(head)).toEqual(moves);
  });

  test("what a service only reads, or has in memory, is none of it", () => {
    const readOnly = app(mounts(["rows", "/var/lib/db", { readOnly: true }]));
    const memory = { ...base, volumes: base.volumes.map((one) => ({ ...one, driverOpts: { type: "tmpfs" } })) };
    expect(of(app([]), readOnly).lost).toEqual([]);
    expect(of(app([]), memory).lost).toEqual([]);
  });
});

describe("a volume that head does not mount", () => {
  const judged = (head: AppSpec, mayLose = {}, from = base) =>
    keepsVolumes(from, { ...head, services: [] }, mayLose)(checkContext({ app: { ...head, services: [] } }));
  // Only `app` is gone from head here, so nothing that runs is asked.
  const check = (head: AppSpec, mayLose = {}, from = base) =>
    keepsVolumes(from, head, mayLose)(checkContext({ app: { ...head, services: [] } }));

  test("is a loss, which says what is there instead", async () => {
    await expect(check(app(mounts(["tables", "/var/lib/db"])))).rejects.toThrow(
      "volume rows: no service of head mounts it, and db of base keeps its data there (/var/lib/db); head has volume tables there, which is empty",
    );
    await expect(judged(base)).resolves.toBeDefined();
  });

  test.each([
    ["its volume", { rows: "was a test" }],
    ["its service", { db: "was a test" }],
  ])("is none where the definition names %s", async (_, mayLose) => {
    const { summary } = await check(app([]), mayLose);
    expect(summary).toBe("1 volume where it was; rows given up, which need not last");
  });

  test("is none where its name says that nothing in it lasts", async () => {
    const from = app(mounts(["redis-cache", "/data"]));
    await expect(check(app([]), {}, from)).resolves.toBeDefined();
  });
});

test.each([
  ["cache", true],
  ["redis-cache", true],
  ["app_tmp", true],
  ["php.sock", true],
  ["cached-files", false],
  ["runner", false],
  ["attempts", false],
])("volume %s need not last: %s", (key, scratch) => expect(isScratch(key)).toBe(scratch));

test.each([
  ["/var/lib/db/a", "/var/lib/db", true],
  ["/var/lib/db", "/var/lib/db/", true],
  ["/var/lib/db2", "/var/lib/db", false],
  ["/anything", "/", true],
])("%s lies within %s: %s", (path, folder, is) => expect(within(path, folder)).toBe(is));

test("a database is a service that runs, and of which something must last", () => {
  const service = serviceSpec({ key: "db", image: "postgres:15" });
  expect(databaseServices(appSpec({ services: [service, serviceSpec()] }))).toEqual([service]);
  expect(databaseServices(appSpec({ services: [service] }), { db: "only tests" })).toEqual([]);
  const idle = { ...service, mode: { kind: "replicated" as const, replicas: 0 } };
  expect(databaseServices(appSpec({ services: [idle] }))).toEqual([]);
});

describe("who may write to a file", () => {
  const users = { uids: new Set([1000]), gids: new Set([1000, 33]) };
  test.each<[string, number, number, number, boolean]>([
    ["its owner", 1000, 0, 0o600, true],
    ["its owner, who took the right from himself", 1000, 1000, 0o460, false],
    ["its group", 0, 33, 0o660, true],
    ["its group, which only reads", 0, 33, 0o640, false],
    ["another", 0, 0, 0o644, false],
    ["anybody", 0, 0, 0o666, true],
  ])("%s", (_, uid, gid, mode, may) => {
    expect(mayWrite(users, { uid, gid, mode })).toBe(may);
    expect(mayWrite({ uids: new Set([1000, 0]), gids: new Set() }, { uid, gid, mode })).toBe(true);
  });

  const access = (text: string) => {
    const [uid, gid, mode = "644"] = text.split(":");
    return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) };
  };
  test.each<[string, string, number[], boolean]>([
    ["1000:1000", "0:0", [1000], true],
    ["1000:1000", "0:0", [1000, 0], false],
    ["0:0", "33:33", [1000], false],
    ["1000:1000", "1000:33", [1000], false],
    ["1000:1000:644", "1000:1000:444", [1000], true],
    ["1000:1000:755", "1000:1000:555", [1000], true],
    ["1000:1000:644", "1000:1000:444", [0], false],
    ["1000:1000:444", "1000:1000:400", [1000], false],
    ["1000:1000:666", "1000:1000:644", [33], false],
    ["1000:1000:600", "0:1000:660", [1000], true],
  ])("a file of %s that is %s's after a restore is taken from %s: %s", (before, now, uids, taken) => {
    expect(isTaken([{ uids: new Set(uids), gids: new Set() }], access(before), access(now))).toBe(taken);
  });
});

describe("a volume that base's service wrote to, and that head's has to be read", () => {
  const reads = mounts(["rows", "/var/lib/db", { readOnly: true }]);
  const other = serviceSpec({ key: "writer", mounts: mounts(["rows", "/data"]) });
  test.each<[string, AppSpec, AppSpec, string[]]>([
    ["is one that nothing writes to any more", base, app(reads), ["rows"]],
    ["is written by another service of head's", base, { ...app(reads), services: [...app(reads).services, other] }, []],
    ["was so in base as well", app(reads), app(reads), []],
  ])("%s", (_, from, head, keys) => expect(readVolumes(from, head).map(({ key }) => key)).toEqual(keys));
});

import { expect, test } from "vitest";
import type { Contents } from "../../checks/volumes/contents.ts";
import { emptiedByHooks } from "../../checks/volumes/drained.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const holding = (...tables: string[]) => ({ tables: new Set(tables) }) as unknown as Contents;
const hooked = (hook: string, script = "") =>
  appSpec({
    services: [serviceSpec({ labels: { "backupbot.backup": "true", "backupbot.backup.pre-hook": hook } })],
    configs: [
      {
        ...{ key: "script", name: "script", external: false, labels: {} },
        data: Buffer.from(script).toString("base64"),
      },
    ],
  });

const NOTED = holding("db: wiki.pages", "db: wiki.notes", "db: wiki.users", "db: wiki.sessions", "app.db: a.b: pages");
const LEFT = holding("db: wiki.notes", "db: wiki.users");

test.each([
  ['psql -c "DELETE FROM pages" && pg_dump wiki', "", true],
  ["/backup.sh", "#!/bin/sh\nTRUNCATE=pages; psql -c 'TRUNCATE \"pages\"'", true],
  ["pg_dump wiki > /data/pages_of_wiki.sql", "", false],
  ["/backup.sh", "pg_dump wiki", false],
])("a table without rows was emptied by the hook %j and the script %j: %j", (hook, script, expected) => {
  expect(emptiedByHooks(hooked(hook, script), NOTED, LEFT)("db: wiki.pages")).toBe(expected);
});

test("what goes with most of its database went by a hook, whatever that names", () => {
  const gone = emptiedByHooks(hooked("/backup.sh"), NOTED, holding("db: wiki.sessions"));
  expect(gone("db: wiki.pages")).toBe(true);
  expect(emptiedByHooks(hooked("/backup.sh"), NOTED, holding())("app.db: a.b: pages")).toBe(true);
});

import { describe, expect, test } from "vitest";
import { isKept, narrowedVolumes } from "../../checks/volumes/beside-paths.ts";
import type { Labels } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const PATH = "backupbot.backup.volumes.data.path";

/** An app with one volume, which its labels narrow. */
function app(labels: Labels = {}, image = "wiki:1.0") {
  const own = { "backupbot.backup": "true", [PATH]: "app.db", ...labels };
  const service = serviceSpec({ image, labels: own, mounts: [volumeMount("wiki_data", "/data")] });
  const volume = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: {} };
  return appSpec({ services: [service], volumes: [volume] });
}

const keys = (one: ReturnType<typeof app>, mayLose = {}) => narrowedVolumes(one, mayLose).map(({ key }) => key);

describe("what lies beside the paths that a label names", () => {
  test.each<[string, ReturnType<typeof app>]>([
    ["where no hook runs", app()],
    ["where a hook takes rows", app({ "backupbot.backup.pre-hook": 'sqlite3 /data/app.db ".backup /data/b.db"' })],
    ["where a hook stops the app", app({ "backupbot.backup.pre-hook": "occ maintenance:mode --on" })],
  ])("is looked for %s", (_, one) => expect(keys(one)).toEqual(["data"]));

  test("is not where a hook may have put it elsewhere, or who keeps it is a database", () => {
    expect(keys(app({ "backupbot.backup.pre-hook": "tar czf /data/app.db /data/files" }))).toEqual([]);
    expect(keys(app({}, "postgres:17"))).toEqual([]);
  });

  test("is not where the definition lets it go, or no label narrows the volume", () => {
    expect(keys(app(), { data: "is made again" })).toEqual([]);
    expect(keys(app(), { app: "is made again" })).toEqual([]);
    expect(keys(app({ [PATH]: "" }))).toEqual([]);
  });

  const kept = (path: string, one = app()) => isKept(one, backupPlan(one), "data")(path);

  test.each<[string, boolean]>([
    ["uploads/a.png", true],
    ["attachments/1/x", true],
    ["app.db-wal", true],
    ["keys.json", true],
    ["cache/x", false],
    ["logs/app.txt", false],
    ["app.pid", false],
    [".npm/x", false],
    ["thumbs/1.png", false],
  ])("%s must last: %s", (path, is) => expect(kept(path)).toBe(is));

  test("the files of sqlite are in the dump of a hook that makes one, and others are not", () => {
    const dumped = app({ "backupbot.backup.pre-hook": 'sqlite3 /data/app.db ".backup /data/b.db"' });
    expect(["app.db", "app.db-wal", "uploads/a"].map((path) => kept(path, dumped))).toEqual([false, false, true]);
  });
});

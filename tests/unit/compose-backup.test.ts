import { expect, test } from "vitest";
import { backupPlan } from "../../compose/backup-labels.ts";
import { loadFiles, NAMESPACE } from "../fixtures/app.ts";

async function plan(app: string[], db: string[] = []) {
  // An empty list is none that abra reads: `{}` is no label in either form.
  const labels = (list: string[]) => (list.length > 0 ? JSON.stringify(list) : "{}");
  const spec = await loadFiles({
    "compose.yml": `version: "3.8"
services:
  app: {image: "wiki:1.0", volumes: ["files:/files", "cache:/cache"], deploy: {labels: ${labels(app)}}}
  db: {image: "db:1", volumes: ["data:/data"], deploy: {labels: ${labels(db)}}}
volumes: {files: , cache: , data: }
`,
  });
  return backupPlan(spec);
}

test("one label backs up every volume of the app", async () => {
  const found = await plan(["backupbot.backup=true"]);
  expect(found).toMatchObject({ enabled: true, service: "app", warnings: [] });
  expect(found.problem).toBeUndefined();
  expect(found.volumes).toEqual(
    ["cache", "data", "files"].map((key) => ({ key, volume: `${NAMESPACE}_${key}`, excluded: false })),
  );
});

test("labels exclude volumes and narrow them to paths, on whichever service they are", async () => {
  const found = await plan(
    ["backupbot.backup=true", "backupbot.backup.volumes.cache=false"],
    ["backupbot.backup.volumes.data.path=dump.sql, conf/a"],
  );
  expect(found.volumes).toEqual([
    { key: "cache", volume: `${NAMESPACE}_cache`, excluded: true },
    { key: "data", volume: `${NAMESPACE}_data`, excluded: false, paths: ["dump.sql", "conf/a"] },
    { key: "files", volume: `${NAMESPACE}_files`, excluded: false },
  ]);
});

test("hooks belong to their service, without the outer shell backup-bot-two takes off", async () => {
  const found = await plan(
    ["backupbot.backup=true", "backupbot.backup.post-hook=rm /files/x"],
    ["backupbot.backup.pre-hook=sh -c 'dump > /data/dump.sql'", "backupbot.restore.post-hook=/pg_backup.sh restore"],
  );
  expect(found.preHooks).toEqual([
    { label: "backupbot.backup.pre-hook", service: "db", command: "dump > /data/dump.sql" },
  ]);
  expect(found.postHooks).toEqual([{ label: "backupbot.backup.post-hook", service: "app", command: "rm /files/x" }]);
  expect(found.restorePreHooks).toEqual([]);
  expect(found.restorePostHooks).toEqual([
    { label: "backupbot.restore.post-hook", service: "db", command: "/pg_backup.sh restore" },
  ]);
});

test("no labels, labels that say no, and labels that leave nothing are three different findings", async () => {
  expect(await plan([])).toMatchObject({ enabled: false, problem: "labels-absent" });
  expect(await plan(["backupbot.backup=false"])).toMatchObject({ enabled: false, problem: "switched-off" });
  const none = ["files", "cache", "data"].map((key) => `backupbot.backup.volumes.${key}=false`);
  expect(await plan(["backupbot.backup=true", ...none])).toMatchObject({ enabled: true, problem: "no-volume" });
});

test("labels of version 1, of unknown volumes and invented ones are warned of", async () => {
  const found = await plan(
    ["backupbot.backup=true", "backupbot.backup.path=/files", "backupbot.backup.volumes.flies=false"],
    ["backupbot.backup=true", "backupbot.backup.command=x"],
  );
  expect(found.warnings).toEqual([
    expect.stringContaining("on 2 services"),
    expect.stringContaining("service app: backupbot.backup.path is of version 1"),
    expect.stringContaining("backupbot.backup.volumes.flies names no volume"),
    expect.stringContaining("service db: backupbot.backup.command is no label"),
  ]);
});

test.each(["/etc", "../other", "a/../../b"])("path %s is refused", async (path) => {
  await expect(plan(["backupbot.backup=true", `backupbot.backup.volumes.data.path=${path}`])).rejects.toThrow(
    /no path within the volume/,
  );
});

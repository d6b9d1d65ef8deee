import { expect, test } from "vitest";
import { hookCommand } from "../../compose/labels/backup-hook.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { shellWords } from "../../compose/labels/shell-words.ts";
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

test("labels with a blank around =, or a colon in its place, say so", async () => {
  const { problem, reason } = await plan(["backupbot.backup = true", "backupbot.backup.volumes.data: true"]);
  expect(problem).toBe("labels-absent");
  expect(reason).toContain('label "backupbot.backup " of app is another than backupbot.backup: docker keeps blanks');
  expect(reason).toContain('label "backupbot.backup.volumes.data: true" of app is another than');
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

/** Label, what bash runs of it, and what is odd about it. */
test.each<[string, string, string[]]>([
  ["/pg_backup.sh backup", "/pg_backup.sh backup", []],
  ["sh -c 'dump > /data/a.sql'", "dump > /data/a.sql", []],
  [`bash -c "dump | gzip > a"`, "dump | gzip > a", []],
  [`sh -c 'dump "a b" > c'`, `dump "a b" > c`, []],
  [`psql -c "select 1"`, `psql -c "select 1"`, []],
  ["rm '/a'", "rm /a", ["loses its single quotes"]],
  [`sh -c "psql -c 'select 1'"`, "psql -c select", ["loses its single quotes"]],
  ["sh -c 'a' && sh -c 'b'", "a", ["takes the first and the last for one pair", "which runs no more than: a;"]],
  [`"a" && "b"`, `a" && "b`, ["takes the first and the last for one pair"]],
  ["/bin/sh -c 'a b'", "a b", ["without a path"]],
  ["echo it's", "echo it's", ["a quote without its end"]],
  ["sh -c 'a", "'a", ["a quote without its end"]],
])("hook %j runs as backup-bot-two runs it", (label, command, expected) => {
  const found = hookCommand(label);
  expect(found.command).toBe(command);
  expect(found.warnings).toEqual(expected.map((text) => expect.stringContaining(text)));
});

test("an odd hook is told with its service and label", async () => {
  const found = await plan(["backupbot.backup=true", "backupbot.backup.pre-hook=echo it's"]);
  expect(found.warnings).toContainEqual(expect.stringMatching(/^service app: backupbot\.backup\.pre-hook has a quote/));
});

/** What Python's shlex.split was measured to make of each text; null: No closing quotation, or No escaped character. */
test.each<[string, string[] | null]>([
  ["a b\tc\n d ", ["a", "b", "c", "d"]],
  ["'a b'c\"d e\"", ["a bcd e"]],
  ["'a\\'b", ["a\\b"]],
  ['"a\\"b\\\\c\\d"', ['a"b\\c\\d']],
  ["a\\ b", ["a b"]],
  ["'' \"\"", ["", ""]],
  ["a # b", ["a", "#", "b"]],
  ["a;b|c&&d", ["a;b|c&&d"]],
  ["", []],
  ["'a", null],
  ['a"', null],
  ["a\\", null],
])("%j is cut into words as Python cuts it", (text, words) => {
  expect(shellWords(text) ?? null).toEqual(words);
});

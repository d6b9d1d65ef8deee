import { expect, test } from "vitest";
import { appendedDumps } from "../../checks/backup/appended-dumps.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const volume = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: {} };

function saidOf(hook: string, more: Record<string, string> = {}): string[] {
  const labels = {
    "backupbot.backup": "true",
    "backupbot.backup.volumes.data.path": "dump.sql",
    "backupbot.backup.pre-hook": hook,
    ...more,
  };
  const service = serviceSpec({ labels, mounts: [volumeMount("wiki_data", "/data")] });
  return appendedDumps(backupPlan(appSpec({ services: [service], volumes: [volume] })));
}

test.each(["pg_dump wiki >> /data/dump.sql", 'pg_dump a >>"/data/dump.sql"; pg_dump b >> /data/dump.sql'])(
  "a dump that a hook adds to is told: %s",
  (hook) => {
    expect(saidOf(hook)).toEqual([
      "backupbot.backup.pre-hook of app adds to dump.sql, which backupbot.backup.volumes.data.path names, and nothing begins it anew: each backup holds all dumps before it as well. Write > in place of >>",
    ]);
  },
);

test.each<[string, Record<string, string>?]>([
  ["pg_dump wiki > /data/dump.sql"],
  ["pg_dump a > /data/dump.sql; pg_dump b >> /data/dump.sql"],
  [": > /data/dump.sql && pg_dump wiki >> /data/dump.sql"],
  ["rm -f /data/*.sql; pg_dump wiki >> /data/dump.sql"],
  ["pg_dump wiki >> /data/dump.sql", { "backupbot.backup.post-hook": "rm /data/dump.sql" }],
  ["date >> /data/dump.sql.log; pg_dump wiki -f /data/dump.sql"],
  ["date >> /data/backup.log"],
])("one that begins anew is not: %s", (hook, more) => {
  expect(saidOf(hook, more)).toEqual([]);
});

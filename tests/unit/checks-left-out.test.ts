import { describe, expect, test } from "vitest";
import { leftOut } from "../../checks/volumes/left-out.ts";
import type { VolumeSpec } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const volume = (key: string): VolumeSpec => ({ key, name: `wiki_${key}`, external: false, driverOpts: {}, labels: {} });

/** An app with two volumes, of which labels leave one out. */
function app(key: string, { labels = {}, hook = "", image = "wiki:1.0", readOnly = false } = {}) {
  const own = { "backupbot.backup": "true", [`backupbot.backup.volumes.${key}`]: "false", ...labels };
  const other = volumeMount(`wiki_${key}`, "/there", { readOnly });
  const services = [
    serviceSpec({ labels: own, mounts: [volumeMount("wiki_pages", "/pages")] }),
    serviceSpec({ key: "second", image, mounts: [other], labels: hook ? { "backupbot.backup.pre-hook": hook } : {} }),
  ];
  return appSpec({ services, volumes: [volume("pages"), volume(key)] });
}

describe("a volume that labels leave out of the backup", () => {
  test.each(["data", "uploads", "wiki"])("is missed: %s", (key) => {
    expect(leftOut(app(key))).toEqual([
      expect.stringMatching(
        new RegExp(`^volume ${key} is left out .*=false\\), and second has its data there \\(/there`),
      ),
    ]);
  });

  test.each(["cache", "redis_data", "search-index", "thumbnails", "certs", "logs", "app-tmp"])(
    "is made again: %s",
    (key) => {
      expect(leftOut(app(key))).toEqual([]);
    },
  );

  test("is not missed where the definition says why, for the volume or who has it", () => {
    expect(leftOut(app("data"), { data: "is filled from upstream" })).toEqual([]);
    expect(leftOut(app("data"), { second: "keeps nothing" })).toEqual([]);
  });

  test.each(["tar c /there > /there/../pages/t", "/backup.sh", "occ export", "pg_dump wiki > /d; cp -a /there /pages"])(
    "may be elsewhere by a hook where it is seen: %s",
    (hook) => expect(leftOut(app("data", { hook }))).toEqual([]),
  );

  test.each([
    "pg_dump wiki > /there/x.sql",
    'sqlite3 /there/db ".backup /there/copy"',
    "mysqldump -uroot wiki | gzip > d",
  ])("is missed where a hook takes rows alone: %s", (hook) => expect(leftOut(app("data", { hook }))).toHaveLength(1));

  test("is missed where a hook runs in a service that does not see it", () => {
    expect(leftOut(app("data", { labels: { "backupbot.backup.pre-hook": "tar c /there > /pages/t" } }))).toHaveLength(
      1,
    );
  });

  test("is judged by its dump where it is a database's, and holds nothing new where nobody writes", () => {
    expect(leftOut(app("data", { image: "postgres:17" }))).toEqual([]);
    expect(leftOut(app("data", { readOnly: true }))).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { leftOut } from "../../checks/volumes/left-out.ts";
import type { VolumeSpec } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const volume = (key: string): VolumeSpec => ({ key, name: `wiki_${key}`, external: false, driverOpts: {}, labels: {} });

/** An app with two volumes, of which labels leave one out. */
function app(key: string, { labels = {}, image = "wiki:1.0", readOnly = false } = {}) {
  const own = { "backupbot.backup": "true", [`backupbot.backup.volumes.${key}`]: "false", ...labels };
  const other = volumeMount(`wiki_${key}`, "/there", { readOnly });
  const services = [
    serviceSpec({ labels: own, mounts: [volumeMount("wiki_pages", "/pages")] }),
    serviceSpec({ key: "second", image, mounts: [other] }),
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

  test("may be elsewhere by a hook", () => {
    expect(leftOut(app("data", { labels: { "backupbot.backup.pre-hook": "tar c /there > /pages/t" } }))).toEqual([]);
  });

  test("is judged by its dump where it is a database's, and holds nothing new where nobody writes", () => {
    expect(leftOut(app("data", { image: "postgres:17" }))).toEqual([]);
    expect(leftOut(app("data", { readOnly: true }))).toEqual([]);
  });
});

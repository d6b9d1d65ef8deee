import { describe, expect, test } from "vitest";
import { fileSeed } from "../../checks/seeds/file-seed.ts";
import { archiveFolder } from "../../checks/volumes/archive-folder.ts";
import type { Mount } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

function placeOf(path: string, ...mounts: Mount[]): string | undefined {
  const app = appSpec({ services: [serviceSpec({ mounts })] });
  return fileSeed({ path }).snapshotPlace?.(app)?.path;
}

describe("where a file lies in a backup", () => {
  test("is below its volume's folder, as backup-bot-two lays it out", () => {
    expect(archiveFolder("wiki_data")).toBe("/var/lib/docker/volumes/wiki_data/_data");
    expect(placeOf("/data/a/b.txt", volumeMount("wiki_data", "/data"))).toBe(
      "/var/lib/docker/volumes/wiki_data/_data/a/b.txt",
    );
  });

  test.each<[string, string, Mount[], string]>([
    ["the innermost volume", "/data/up/x", [volumeMount("out", "/data"), volumeMount("in", "/data/up")], "in/_data/x"],
    ["in any order", "/data/up/x", [volumeMount("in", "/data/up"), volumeMount("out", "/data")], "in/_data/x"],
    ["a target with a slash at its end", "/data/x", [volumeMount("v", "/data/")], "v/_data/x"],
    ["a volume at the root", "/x", [volumeMount("v", "/")], "v/_data/x"],
    ["a part of a volume", "/data/x", [volumeMount("v", "/data", { volume: { subpath: "sub" } })], "v/_data/sub/x"],
    [
      "a neighbour of the same beginning",
      "/data2/x",
      [volumeMount("no", "/data"), volumeMount("v", "/data2")],
      "v/_data/x",
    ],
  ])("%s", (_, path, mounts, place) => {
    expect(placeOf(path, ...mounts)).toBe(`/var/lib/docker/volumes/${place}`);
  });

  test.each<[string, Mount[]]>([
    ["no mount at all", []],
    ["a volume beside it", [volumeMount("v", "/data2")]],
    ["a volume that has no name", [{ type: "volume", target: "/data" }]],
    ["a folder of the host", [{ type: "bind", source: "/srv", target: "/data" }]],
    ["memory inside a volume", [volumeMount("v", "/data"), { type: "tmpfs", target: "/data/up" }]],
  ])("is nowhere with %s", (_, mounts) => {
    const message = '/data/up/x lies in no volume of service "app"';
    expect(() => placeOf("/data/up/x", ...mounts)).toThrow(expect.objectContaining({ message, owner: "author" }));
  });

  test("is nowhere when there is no such service", () => {
    const seed = fileSeed({ service: "db", path: "/data/x" });
    expect(() => seed.snapshotPlace?.(appSpec())).toThrow(
      expect.objectContaining({ message: expect.stringContaining('ci.ts names service "db"'), owner: "author" }),
    );
  });
});

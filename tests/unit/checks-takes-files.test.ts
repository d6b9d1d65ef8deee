import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { filesIn } from "../../checks/volumes/image-files.ts";
import { changedBetween, coveredFolders } from "../../checks/volumes/takes-files.ts";
import type { AppSpec, Mount } from "../../compose/app-spec.ts";
import { tarball } from "../../swarm/tarball.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const www = { key: "www", name: "wiki_www", external: false, driverOpts: {}, labels: {} };
const app = (image: string, mount: Partial<Mount> = {}, more: Partial<AppSpec> = {}) =>
  appSpec({
    services: [serviceSpec({ image, mounts: [{ ...volumeMount("wiki_www", "/srv/www"), ...mount }] })],
    volumes: [www],
    ...more,
  });

test("where another image may bring other files, a volume of base's lies over them", () => {
  expect(coveredFolders(app("wiki:1"), app("wiki:2"))).toEqual([
    {
      service: "app",
      images: { base: "wiki:1", head: "wiki:2" },
      volume: "wiki_www",
      key: "www",
      target: "/srv/www",
    },
  ]);
});

test.each([
  ["the same image", app("wiki:1"), app("wiki:1")],
  ["a volume that base has elsewhere", app("wiki:1", { target: "/www" }), app("wiki:2")],
  ["one into which nothing was copied", app("wiki:1", { volume: { noCopy: true } }), app("wiki:2")],
  ["a folder of the node", app("wiki:1", { type: "bind" }), app("wiki:2", { type: "bind" })],
  ["one that is no app's own", app("wiki:1"), app("wiki:2", {}, { volumes: [{ ...www, external: true }] })],
])("%s hides nothing of head's", (_, base, head) => {
  expect(coveredFolders(base, head)).toEqual([]);
});

test("what is new or another in head counts, of what programs are made of alone", () => {
  const before = new Map(Object.entries({ "a.js": "1", "same.py": "1", "page.html": "1", "default.php": "1" }));
  const now = new Map(
    Object.entries({
      "a.js": "2",
      "same.py": "1",
      "page.html": "2",
      "default.php": "2",
      "lib/new.so": "1",
      notes: "2",
    }),
  );
  expect([...changedBetween(before, now)]).toEqual([
    ["a.js", "1"],
    ["lib/new.so", undefined],
  ]);
});

test("files of an archive are told apart by their contents, without the folder's own name", async () => {
  const files = ["www/a.js", "www/b/c.js", "www/d.js"].map((name, index) => ({ name, content: `${index >> 1}` }));
  const found = await filesIn(Readable.from([await tarball(files)]));
  expect([...(found ?? [])].map(([path]) => path)).toEqual(["a.js", "b/c.js", "d.js"]);
  expect(found?.get("a.js")).toBe(found?.get("b/c.js"));
  expect(found?.get("a.js")).not.toBe(found?.get("d.js"));
});

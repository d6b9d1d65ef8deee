import { expect, test } from "vitest";
import { isBrought, isScratchPath } from "../../checks/volumes/brought.ts";
import { hiddenFolders } from "../../checks/volumes/hidden-data.ts";
import { embeddedDatabase, nameless } from "../../checks/volumes/keeps-data.ts";
import { keptOf, memoryPlaces } from "../../checks/volumes/kept-in-memory.ts";
import type { Mount } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

test.each<[string, Mount, boolean]>([
  ["without a name", { type: "volume", target: "/data" }, true],
  ["with a name", volumeMount("wiki_data", "/data"), false],
  ["without a name, read only", { type: "volume", target: "/data", readOnly: true }, false],
  ["without a name, over what a build makes again", { type: "volume", target: "/app/node_modules" }, false],
  ["in memory", { type: "tmpfs", target: "/data" }, false],
])("a volume %s loses what is in it: %s", (_, mount, loses) => {
  expect(nameless(serviceSpec({ mounts: [mount] }))).toHaveLength(loses ? 1 : 0);
});

test.each([
  ["/app/data/kuma.db", false],
  ["/home/node/.n8n/database.sqlite", false],
  ["/tmp/x.db", true],
  ["/var/cache/x.sqlite3", true],
  ["/root/.cache/x.db", true],
])("%s need not last: %s", (path, is) => expect(isScratchPath(path)).toBe(is));

test("what may lie in memory is asked for where it is mounted, and its path does not say that it may be lost", () => {
  const volumes = ["fast", "data"].map((key) => ({ ...volume, key, name: key }));
  const mounts = [
    { type: "tmpfs", target: "/db" },
    { type: "tmpfs", target: "/tmp" },
    volumeMount("fast", "/fast"),
    volumeMount("data", "/data"),
  ] as const;
  const spec = {
    volumes: volumes.map((one) => (one.key === "fast" ? { ...one, driverOpts: { type: "tmpfs" } } : one)),
  };
  expect(memoryPlaces(spec, serviceSpec({ mounts: [...mounts] }))).toEqual(["/db", "/fast"]);
});

test.each<[string, string, string | undefined]>([
  ["a database", "F /db/a.txt\nD /db/app.db\n", "the database /db/app.db (sqlite)"],
  ["what users brought", "F /srv/pid\nF /srv/uploads/a.jpg\n", "/srv/uploads/a.jpg"],
  ["other files", "F /db/state\n", undefined],
  ["what is made again", "D /db/cache/a.db\n", undefined],
  ["nothing", "", undefined],
])("in memory lies what must last, or not: %s", (_, found, kept) => expect(keptOf(found)).toBe(kept));

test.each<[string, string, string | undefined]>([
  ["of sqlite's", "SQLite format 3\0\x10\0", "sqlite"],
  ["of bbolt's, as Portainer and File Browser have", `${"\0".repeat(16)}\xed\xda\x0c\xed\x02`, "bbolt"],
  ["of H2's, as Metabase has", "H:2,block:5,blockSize:1000,", "H2"],
  ["that is called so and is none", "rows=1\n", undefined],
])("a file %s", (_, bytes, kind) => expect(embeddedDatabase(bytes)).toBe(kind));

test.each([
  ["/srv/app/uploads/2026/photo.jpg", true],
  ["/var/www/html/user_data/a", true],
  ["/app/public/media/logo", true],
  ["/app/public/media/theme.css", false],
  ["/srv/uploads/index.html", false],
  ["/srv/uploads/.htaccess", false],
  ["/srv/uploads/cache/a.jpg", false],
  ["/srv/uploads", false],
  ["/srv/downloads/a.jpg", false],
])("%s is what a user brought: %s", (path, is) => expect(isBrought(path)).toBe(is));

const volume = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: {} };
const app = (...mounts: Mount[]) => appSpec({ services: [serviceSpec({ mounts })], volumes: [volume] });
const data = volumeMount("wiki_data", "/data");

test("what head mounts over a folder of base's volume hides that", () => {
  const head = app(data, volumeMount("wiki_uploads", "/data/uploads"));
  expect(hiddenFolders(app(data), head)).toEqual([
    { service: "app", volume: "wiki_data", key: "data", folder: "uploads", target: "/data/uploads" },
  ]);
});

test.each<[string, Mount[], Mount[]]>([
  ["is where it was in base", [data, volumeMount("u", "/data/u")], [data, volumeMount("u", "/data/u")]],
  ["is beside it", [data], [data, volumeMount("u", "/data2")]],
  ["is in the place of the volume, which is lost by itself", [data], [volumeMount("u", "/data/u")]],
])("but nothing is hidden where the mount %s", (_, before, after) => {
  expect(hiddenFolders(app(...before), app(...after))).toEqual([]);
});

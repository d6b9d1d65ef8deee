import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { assertDumpsMade, holdsNothing, snapshotHoldsDumps } from "../../checks/backup/dumps.ts";
import { Restic, type SnapshotEntry } from "../../checks/restic.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec } from "../fixtures/spec.ts";

const labels = {
  "backupbot.backup": "true",
  "backupbot.backup.pre-hook": "/dump.sh",
  "backupbot.backup.volumes.db.path": "dump.sql.gz,photos",
};
const volumes = [{ key: "db", name: "wiki_db", external: false, driverOpts: {}, labels: {} }];
const app = appSpec({ services: [serviceSpec({ labels })], volumes });
const folder = "/var/lib/docker/volumes/wiki_db/_data";

/** A helper in which some paths are missing, and a snapshot with some entries. */
class Helper extends Restic {
  missing: string[] = [];
  entries: SnapshotEntry[] = [];
  bytes: Buffer = Buffer.from("");
  leadsTo = "";

  constructor(over: Partial<Pick<Helper, "missing" | "entries" | "bytes" | "leadsTo">>) {
    super(connect("unix:///nonexistent/docker.sock"), "helper", () => "");
    Object.assign(this, over);
  }

  override async inHelper(argv: readonly string[]): Promise<string> {
    if (argv[0] === "readlink") return `${this.leadsTo}\n`;
    return this.missing.map((path) => `${path}\n`).join("");
  }

  override async list(): Promise<SnapshotEntry[]> {
    return this.entries;
  }

  override async dumpBytes(): Promise<Buffer> {
    return this.bytes;
  }
}

const owner = { uid: 0, gid: 0 };
const file = (size: number): SnapshotEntry => ({ path: `${folder}/dump.sql.gz`, type: "file", size, ...owner });
const photos: SnapshotEntry = { path: `${folder}/photos`, type: "dir", ...owner };
const look = (helper: Helper) => snapshotHoldsDumps(() => helper)(checkContext({ app }));

describe("once the hooks have run", () => {
  test("what the labels name is there", async () => {
    await expect(assertDumpsMade(backupPlan(app), new Helper({}))).resolves.toBeUndefined();
  });

  test("or the label, the path and the hook are named", async () => {
    const helper = new Helper({ missing: [`${folder}/dump.sql.gz`] });
    await expect(assertDumpsMade(backupPlan(app), helper)).rejects.toThrow(
      'no backup holds "dump.sql.gz", which backupbot.backup.volumes.db.path names: volume db has none; ' +
        "backupbot.backup.pre-hook of app succeeded, and wrote it elsewhere or not at all",
    );
  });
});

describe("a snapshot holds what the labels name", () => {
  test("a file with something in it, and a folder whatever is in it", async () => {
    await expect(look(new Helper({ entries: [file(4000), photos] }))).resolves.toMatchObject({
      summary: "2 paths: dump.sql.gz, photos",
    });
  });

  test("a small file that is no archive of nothing", async () => {
    const bytes = gzipSync("-- rows\n");
    await expect(look(new Helper({ entries: [file(bytes.length), photos], bytes }))).resolves.toBeDefined();
  });

  test.each<[string, SnapshotEntry[], Buffer, string]>([
    ["is not in it", [photos], Buffer.from(""), 'the snapshot has no "dump.sql.gz"'],
    ["is empty", [file(0), photos], Buffer.from(""), "is in the snapshot and empty"],
    ["is an archive of nothing", [file(20), photos], gzipSync(""), "is in the snapshot and empty"],
  ])("but not when the dump %s", async (_, entries, bytes, message) => {
    await expect(look(new Helper({ entries, bytes }))).rejects.toThrow(message);
  });
});

test("a link is in a snapshot without what it leads to, unless that is in the backup as well", async () => {
  const link: SnapshotEntry = { path: `${folder}/dump.sql.gz`, type: "symlink", ...owner };
  const entries = [link, photos];
  await expect(look(new Helper({ entries, leadsTo: `${folder}/releases/1` }))).rejects.toThrow(
    '"dump.sql.gz", which backupbot.backup.volumes.db.path names, is a link: the snapshot has that alone',
  );
  await expect(look(new Helper({ entries, leadsTo: `${folder}/photos/1` }))).resolves.toBeDefined();
});

test.each<[string, Buffer, boolean]>([
  ["gzip of nothing", gzipSync(""), true],
  ["gzip of a line", gzipSync("a\n"), false],
  ["gzip that is cut off", gzipSync("").subarray(0, 12), false],
  ["bzip2 of nothing", Buffer.from("425a683917724538509000000000", "hex"), true],
  ["xz of nothing", Buffer.from("fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a", "hex"), true],
  ["zstd of nothing", Buffer.from("28b52ffd240001000099e9d851", "hex"), true],
  ["zstd of a line", Buffer.from("28b52ffd2402110000610a9c3f7a", "hex"), false],
  ["text", Buffer.from("-- rows\n"), false],
])("an archive holds nothing: %s", (_, bytes, nothing) => {
  expect(holdsNothing(bytes)).toBe(nothing);
});

import { describe, expect, test } from "vitest";
import { isBack, takesWrites } from "../../checks/backup/after-restore.ts";
import { Restic } from "../../checks/restic.ts";
import type { Seed } from "../../checks/seeds/seed.ts";
import { keepsOwner, volumeSeed } from "../../checks/seeds/volume-seed.ts";
import type { Labels, VolumeSpec } from "../../compose/app-spec.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const DUMP = { "backupbot.backup": "true", "backupbot.backup.pre-hook": "/dump.sh" };
const LOAD = { ...DUMP, "backupbot.restore.post-hook": "/load.sh" };
const volume: VolumeSpec = { key: "db", name: "wiki_db", external: false, driverOpts: {}, labels: {} };
const folder = "/var/lib/docker/volumes/wiki_db/_data";

const appWith = (labels: Labels) =>
  appSpec({ services: [serviceSpec({ labels, mounts: [volumeMount("wiki_db", "/db")] })], volumes: [volume] });
const contextWith = (labels: Labels) => checkContext({ app: appWith(labels) });

/** Answers the same to whatever it is asked. */
class Helper extends Restic {
  readonly answer: string;
  readonly asked: string[][] = [];

  constructor(answer: string) {
    super(connect("unix:///nonexistent/docker.sock"), "helper", () => "");
    this.answer = answer;
  }

  override async inHelper(argv: readonly [string, ...string[]]): Promise<string> {
    this.asked.push([...argv]);
    return this.answer;
  }
}

/** Reads nothing, and takes nothing. */
const lost: Seed = {
  name: "row",
  read: async () => undefined,
  write: async () => {
    throw new Error("permission denied");
  },
};
const message = (outcome: Promise<unknown>) => outcome.then(() => "", String);

describe("a seed that is not back", () => {
  test("is explained by a dump that nothing reads", async () => {
    expect(await message(isBack(lost)(contextWith(DUMP)))).toMatch(
      /it is gone\nwhat backupbot\.backup\.pre-hook of app writes is restored as a file, and nothing reads it back/,
    );
  });

  test.each([
    ["a restore hook is there", LOAD],
    ["nothing is dumped", { "backupbot.backup": "true" }],
  ])("and not where %s", async (_, labels) => {
    expect(await message(isBack(lost)(contextWith(labels)))).toMatch(/it is gone$/);
  });
});

describe("an app that takes no writes", () => {
  const outcome = (changed: string) => message(takesWrites(lost, () => new Helper(changed))(contextWith(LOAD)));

  test("is told whose the restored files are now", async () => {
    expect(await outcome(`1000:1000 0:0 ${folder}/live/my rows\n`)).toMatch(
      /permission denied\nvolume db: live\/my rows belongs to 0:0 since the restore, and belonged to 1000:1000 before: a restore hook/,
    );
  });

  test("and nothing more where they are whose they were", async () => {
    expect(await outcome("")).toMatch(/permission denied$/);
  });
});

describe("a marker file in a volume", () => {
  test("is put where the volume is mounted, and read there", async () => {
    const helper = new Helper("found seed\n");
    const seed = volumeSeed([volume], () => helper);
    await seed.write(contextWith(DUMP), "seed");
    expect(await seed.read(contextWith(DUMP))).toBe("seed");
    expect(helper.asked.map((argv) => argv.at(-1))).toEqual(Array(2).fill(`${folder}/recipe-ci-seed`));
    expect(seed.snapshotPlace?.(appWith(DUMP))).toEqual({ path: `${folder}/recipe-ci-seed` });
  });

  test("is found under the volume's other name in a new app", () => {
    const app = appSpec({ volumes: [{ ...volume, name: "other_db" }] });
    expect(volumeSeed([volume], () => new Helper("")).snapshotPlace?.(app)?.path).toContain("/other_db/_data/");
  });

  test("is lost to a version that mounts another volume, though it is there", async () => {
    const app = appSpec({ services: [serviceSpec({ mounts: [volumeMount("wiki_new", "/db")] })], volumes: [volume] });
    const seed = volumeSeed([volume], () => new Helper("found seed\n"));
    expect(await seed.read(checkContext({ app }))).toBeUndefined();
  });

  test("in several volumes is one: gone from some of them, it says from which", async () => {
    const other = { ...volume, key: "files", name: "wiki_files" };
    const mounts = [volumeMount("wiki_db", "/db"), volumeMount("wiki_files", "/files")];
    const context = checkContext({ app: appSpec({ services: [serviceSpec({ mounts })], volumes: [volume, other] }) });
    const read = (listing: string) => volumeSeed([volume, other], () => new Helper(listing)).read(context);
    expect(await read("found seed\nfound seed\n")).toBe("seed");
    expect(await read("gone\ngone\n")).toBeUndefined();
    await expect(read("found seed\ngone\n")).rejects.toThrow("gone from volume files, and still in the other");
    expect(await read("found seed\nfound older\n")).toBe("seed, older");
  });

  test.each<[string, string, boolean]>([
    ["whom it did", `1000:1000 0:0 ${folder}/app.log\n`, true],
    ["another", `1000:1000 0:0 ${folder}/recipe-ci-seed\n`, false],
    ["whom it did, and its folder to another", `1000:1000 0:0 ${folder}\n`, false],
  ])("belongs after a restore to %s", async (_, changed, holds) => {
    const outcome = keepsOwner([volume], () => new Helper(changed))(contextWith(DUMP));
    await (holds ? expect(outcome).resolves.toBeDefined() : expect(outcome).rejects.toThrow("belongs to 0:0"));
  });
});

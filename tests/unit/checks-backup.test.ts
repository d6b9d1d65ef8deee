import { describe, expect, test } from "vitest";
import { backupIsDeclared, snapshotHolds } from "../../checks/backup/backup.ts";
import { failedHook } from "../../checks/backup/hooks.ts";
import { onlyVanished, Restic } from "../../checks/restic.ts";
import { fileSeed } from "../../checks/seeds/file-seed.ts";
import { backedUpPaths, backedUpVolumes } from "../../checks/volumes/backed-up.ts";
import type { Labels, VolumeSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const volume = (key: string): VolumeSpec => ({ key, name: `wiki_${key}`, external: false, driverOpts: {}, labels: {} });

function appWith(labels: Labels, ...volumes: string[]) {
  const mounts = volumes.map((key) => volumeMount(`wiki_${key}`, `/${key}`));
  return appSpec({ services: [serviceSpec({ labels, mounts })], volumes: volumes.map(volume) });
}

const declared = (labels: Labels, ...volumes: string[]) =>
  backupIsDeclared()(checkContext({ app: appWith(labels, ...volumes) }));

const OFF = (value: string) =>
  `the backupbot labels switch the backup off: backupbot.backup of app is "${value}", and true switches it on`;

describe("a recipe that says what to back up", () => {
  test("holds, and names what is in", async () => {
    const labels = {
      "backupbot.backup": "true",
      "backupbot.backup.volumes.cache": "false",
      "backupbot.backup.pre-hook": "sync",
    };
    await expect(declared(labels, "data", "cache")).resolves.toMatchObject({ summary: "data; 1 pre-hooks" });
  });

  test.each<[string, Labels, string]>([
    ["says nothing", {}, "no service has backupbot labels: nothing of this app is ever backed up"],
    ["switches it off", { "backupbot.backup": "false" }, OFF("false")],
    ["has it from a variable that is empty", { "backupbot.backup": "" }, OFF("")],
    [
      "leaves every volume out",
      { "backupbot.backup": "true", "backupbot.backup.volumes.data": "false" },
      "the backupbot labels leave no volume in the backup",
    ],
  ])("fails when it %s", async (_, labels, message) => {
    await expect(declared(labels, "data")).rejects.toMatchObject({ name: "CheckFailure", message });
  });

  test("fails when a hook is one of a service that has no container", async () => {
    const app = appWith({ "backupbot.backup": "true", "backupbot.backup.pre-hook": "sync" }, "data");
    const services = app.services.map((one) => ({ ...one, mode: { kind: "replicated", replicas: 0 } as const }));
    await expect(backupIsDeclared()(checkContext({ app: { ...app, services } }))).rejects.toThrow(
      /^backupbot\.backup\.pre-hook of app can't run: the service has no container that stays/,
    );
  });

  test("fails by its own words where its labels are ones of containers", async () => {
    const app = appWith({}, "data");
    const services = app.services.map((one) => ({ ...one, containerLabels: { "backupbot.backup": "true" } }));
    await expect(backupIsDeclared()(checkContext({ app: { ...app, services } }))).rejects.toThrow(
      /^the backupbot labels of app are labels of its containers, where backup-bot-two does not look/,
    );
  });
});

test.each<[string, number, string, string]>([
  [
    "what may not be run",
    126,
    "bash: line 1: /backup.sh: Permission denied",
    "126: bash: line 1: /backup.sh: Permission denied; where a config is run, it needs mode: 0555",
  ],
  ["what may not write", 1, "cp: /data/a: Permission denied", "1: cp: /data/a: Permission denied"],
])("a hook's failure says in its first line why: %s", (_, code, stderr, says) => {
  const hook = { label: "backupbot.backup.pre-hook", service: "db", command: "/backup.sh" };
  const [first] = failedHook(hook, { code, stdout: "", stderr }).split("\n");
  expect(first).toBe(`backupbot.backup.pre-hook of db failed with exit code ${says}`);
});

describe("what goes into a snapshot", () => {
  const labels = {
    "backupbot.backup": "true",
    "backupbot.backup.volumes.cache": "false",
    "backupbot.backup.volumes.media.path": "./photos/, films/new",
  };
  const app = appWith(labels, "data", "cache", "media");

  test("is each volume that is not left out, or the paths it is narrowed to", () => {
    expect(backedUpPaths(backupPlan(app))).toEqual([
      "/var/lib/docker/volumes/wiki_data/_data",
      "/var/lib/docker/volumes/wiki_media/_data/photos",
      "/var/lib/docker/volumes/wiki_media/_data/films/new",
    ]);
    expect(backedUpVolumes(app)).toEqual(["wiki_data", "wiki_media"]);
  });

  test("is nothing where the backup is switched off", () => {
    const off = appWith({ "backupbot.backup": "false" }, "data");
    expect(backedUpPaths(backupPlan(off))).toEqual([]);
    expect(backedUpVolumes(off)).toEqual([]);
  });
});

describe("a snapshot holds the seed", () => {
  class Snapshot extends Restic {
    readonly asked: string[] = [];
    private readonly content: string | undefined;

    constructor(content: string | undefined) {
      super(connect("unix:///nonexistent/docker.sock"), "helper", () => "");
      this.content = content;
    }

    override async holds(tag: string, path: string, text: string): Promise<boolean | undefined> {
      this.asked.push(`${tag} ${path}`);
      return this.content?.includes(text);
    }
  }
  const app = appWith({ "backupbot.backup": "true" }, "data");
  const seed = fileSeed({ path: "/data/seed.txt" });
  const look = (snapshot: Snapshot) => snapshotHolds(seed, () => snapshot)(checkContext({ app }));
  const place = "/var/lib/docker/volumes/wiki_data/_data/seed.txt";

  test("when its file has the run's own value", async () => {
    const snapshot = new Snapshot("seed-file-0a1b2c\n");
    await expect(look(snapshot)).resolves.toMatchObject({ details: { path: place } });
    expect(snapshot.asked).toEqual([`run-wiki-1 ${place}`]);
  });

  test.each([
    ["has no such file", undefined, `the snapshot has no ${place}`],
    ["has an empty file", "", `${place} in the snapshot does not contain seed-file-0a1b2c`],
    ["has another run's", "seed-file-ffffff", `${place} in the snapshot does not contain seed-file-0a1b2c`],
  ])("but not when it %s", async (_, content, message) => {
    await expect(look(new Snapshot(content))).rejects.toMatchObject({ name: "CheckFailure", message });
  });
});

const gone = `{"message_type":"error","error":{"message":"incomplete metadata for /a/1: xattr.list /a/1: no such file or directory"},"during":"archival","item":"/a/1"}`;
const kept = `{"message_type":"error","error":{"message":"open /a/2: permission denied"},"during":"archival","item":"/a/2"}`;
const end = `{"message_type":"exit_error","code":3,"message":"Warning: at least one source file could not be read"}`;

test.each<[string, string, boolean]>([
  ["files that went away meanwhile", `${gone}\n${gone}\n${end}\n`, true],
  ["one that can't be read besides", `${gone}\n${kept}\n${end}\n`, false],
  ["nothing that is told", `${end}\n`, false],
])("a snapshot that lacks %s", (_, stderr, fine) => expect(onlyVanished(stderr)).toBe(fine));

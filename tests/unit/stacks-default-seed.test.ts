import { describe, expect, test } from "vitest";
import type { AppSpec, Labels, VolumeSpec } from "../../compose/app-spec.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { defaultSeed } from "../../stacks/plan/default-seed.ts";
import { planPhases } from "../../stacks/plan/recipe-plan.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const volume = (key: string, over: Partial<VolumeSpec> = {}): VolumeSpec => ({
  key,
  name: `wiki_${key}`,
  external: false,
  driverOpts: {},
  labels: {},
  ...over,
});

function app(labels: Labels, ...volumes: VolumeSpec[]): AppSpec {
  const mounts = volumes.map(({ key, name }) => volumeMount(name, `/${key}`));
  return appSpec({ services: [serviceSpec({ labels: { "backupbot.backup": "true", ...labels }, mounts })], volumes });
}

const never = () => {
  throw new Error("a plan is not run");
};
const seedOf = (head: AppSpec, first = head) => defaultSeed(first, head, never);
const only = (key: string, paths: string): Labels => ({ [`backupbot.backup.volumes.${key}.path`]: paths });

describe("a recipe without a seed of its own gets a marker file", () => {
  test.each<[string, AppSpec, string]>([
    ["in its volume", app({}, volume("data")), "data"],
    ["in one that must last", app({}, volume("redis-cache"), volume("data")), "data"],
    ["in the one there is, whatever its name", app({}, volume("cache")), "cache"],
    ["in one that is backed up as a whole", app(only("db", "dump.sql"), volume("db"), volume("files")), "files"],
    [
      "in none that the labels leave out",
      app({ "backupbot.backup.volumes.a": "false" }, volume("a"), volume("b")),
      "b",
    ],
    ["in none of the operators'", app({}, volume("a", { external: true }), volume("b")), "b"],
    [
      "in none that lies elsewhere",
      app({}, volume("a", { driverOpts: { device: "/srv", o: "bind" } }), volume("b")),
      "b",
    ],
    ["in none of another driver", app({}, volume("a", { driver: "rexray" }), volume("b")), "b"],
  ])("%s", (_, head, key) => {
    expect(seedOf(head)?.volumes.map((one) => one.key)).toEqual([key]);
    expect(seedOf(head)?.notBackedUp).toBeUndefined();
  });

  test("in every volume, of which the backup need not hold all", () => {
    const head = app({ "backupbot.backup.volumes.a": "false" }, volume("a"), volume("b"), volume("c"));
    const { seed, held, volumes } = seedOf(head) ?? {};
    expect(volumes?.map(({ key }) => key)).toEqual(["b", "c"]);
    expect([seed, held].map((one) => one?.snapshotPlace?.(head)?.path)).toEqual([
      expect.stringContaining("wiki_a"),
      expect.stringContaining("wiki_b"),
    ]);
  });

  test("but in none that a definition lets go", () => {
    const head = app({}, volume("a"), volume("b"));
    expect(defaultSeed(head, head, never, { a: "is made anew" })?.volumes.map(({ key }) => key)).toEqual(["b"]);
  });

  test("as head backs up, though base did otherwise", () => {
    const volumes = [volume("db"), volume("files")];
    expect(seedOf(app(only("db", "dump.sql"), ...volumes), app({}, ...volumes))?.volumes.map((one) => one.key)).toEqual(
      ["files"],
    );
  });

  test("or none where there is no such volume", () => {
    expect(seedOf(app({}, volume("a", { external: true })))).toBeUndefined();
  });
});

describe("a backup that holds a dump alone", () => {
  const head = app(only("db", "dump.sql"), volume("db"));
  const plan = planPhases({ definition: { name: "wiki" }, head });
  const names = plan.flatMap(({ checks }) => checks.map(({ name }) => name));

  test("is not asked for a marker file, before or after the restore", () => {
    expect(names.filter((name) => /^(backup|restore)\..*-file$/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(["install.seed-file", "backup.holds-dumps", "restore.restored"]));
  });

  test("and the plan says what is not proven, and why", () => {
    expect(plan.find(({ name }) => name === "restore")?.leftOut).toMatchObject([
      { name: "restore.seed-file", reason: expect.stringContaining("the backup holds dump.sql alone") },
      { name: "restore.writes-file", reason: expect.stringContaining("the recipe's ci.ts needs a seed of its own") },
    ]);
  });

  test("unlike one that holds the marker: only what the app accepts is open then", () => {
    const whole = planPhases({ definition: { name: "wiki" }, head: app({}, volume("db")) });
    const restore = whole.find(({ name }) => name === "restore");
    expect(restore?.leftOut?.map(({ name }) => name)).toEqual(["restore.writes-file"]);
    expect(restore?.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["restore.seed-file", "restore.owner-file"]),
    );
  });
});

describe("the backup helper", () => {
  const data = app({}, volume("data"));
  const own = { name: "row", write: async () => {}, read: async () => "" };
  const asks = (definition: Partial<RecipeDefinition>, head = data) =>
    planPhases({ definition: { name: "wiki", ...definition }, head }).flatMap(({ checks }) =>
      checks.flatMap(({ name, helper }) => (helper ? [name] : [])),
    );

  test("is asked for a marker file, whatever becomes of the backup, and for no other seed", () => {
    expect(asks({ noBackup: "stores nothing" })).toEqual(["install.may-write", "install.seed-file"]);
    expect(asks({ noBackup: "stores nothing", seeds: [own] })).toEqual([]);
    expect(asks({ noBackup: "stores nothing", seeds: [{ ...own, name: "file" }] })).toEqual([]);
    expect(asks({}, appSpec())).toEqual([]);
  });

  test("is asked by what makes a backup, destroys and restores, and not by what asks the app", () => {
    const names = asks({ seeds: [own] });
    expect(names).toEqual(
      expect.arrayContaining([
        "install.backup-repository",
        "backup.snapshot",
        "backup.holds-row",
        "restore.data-destroyed",
        "restore.restored",
        "move.restored",
      ]),
    );
    expect(names).not.toContain("restore.seed-row");
    expect(names).not.toContain("install.seed-row");
  });
});

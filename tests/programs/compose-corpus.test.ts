import { describe, expect, test } from "vitest";
import { loadApp } from "../../compose/load.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { corpus, loadCorpus, upgradeOptions, upgrades } from "../corpus.ts";

/** What each recipe is warned of; one that is not named here, of nothing. */
const WARNINGS: Record<string, string[]> = {
  anchors: ['service db: "tmpfs" is never mounted by Swarm: use a volume of type tmpfs'],
  cluster: ['volume data: "x-cluster-spec" is ignored: operators make the volume'],
  environment: [
    ...["app", "map"].map(
      (service) => `service ${service}: environment names NOT_KNOWN, which is defined nowhere: it gets no value`,
    ),
    'compose.yml:31: service map: FRACTION is written 1.50, and docker makes "1.5" of it: put it in quotes: "1.50"',
    "compose.yml:18: service app: environment gives WITH_QUOTES a value with its quotes: in a list they are part of it: leave the quotes out, or put them around the whole entry",
  ],
  ignored: [
    ...[
      "build",
      "cgroup_parent",
      "container_name",
      "depends_on",
      "devices",
      "domainname",
      "expose",
      "external_links",
      "ipc",
      "links",
      "mac_address",
      "network_mode",
      "pid",
      "privileged",
      "security_opt",
      "shm_size",
      "userns_mode",
    ].map((key) => `service app: "${key}" is ignored by Swarm`),
    'service app: "tmpfs" is never mounted by Swarm: use a volume of type tmpfs',
    'service db: "networks.default.ipv4_address" is ignored by Swarm',
    "service db: bind mount at /data has a relative source: the node has no such folder",
    'service db: "volumes.consistency" at /long is ignored by Swarm',
    "volume nobody: declared but mounted by no service",
    'service db: option "z" of a volume is ignored by docker/cli',
    'service db: "volumes.bind.create_host_path" is ignored by docker/cli',
    'service db: "volumes.tmpfs.mode" is ignored by docker/cli',
    'service db: "configs.optional" is ignored by docker/cli',
  ],
  legacy: ['service app: "depends_on" is ignored by Swarm', 'service app: "expose" is ignored by Swarm'],
  limits: ['service app: "oom_score_adj" is ignored by docker/cli'],
  overlays: ['service search: "depends_on" is ignored by Swarm'],
  restart: [
    'service both: "restart" is ignored beside deploy.restart_policy',
    'service never: "restart: no" is ignored by Swarm, which restarts: use deploy.restart_policy',
  ],
  secrets: ['secret api_key: charset "hex" is unknown to abra, which takes default'],
  taken: [
    undefinedAt(8, "name", "write $$name if the shell in the container is to see $name"),
    ...[["GREETING", 10] as const, ["SUFFIX", 12] as const, ["EXTRA_DOMAINS", 25] as const].map(([name, line]) =>
      undefinedAt(line, name, `add ${name} to .env.sample, or give it a default: \${${name}:-...}`),
    ),
    "compose.yml:34 secrets.app.token: its value lies open in the recipe: write external: true, and abra makes it",
    expect.stringMatching(/^compose\.yml:36 secrets\.unversioned_: name ".*_unversioned" has no version/),
  ],
};

function undefinedAt(line: number, name: string, remedy: string): string {
  return `compose.yml:${line}: variable ${name} is defined nowhere, and docker puts an empty text there: ${remedy}`;
}

/** What the versions of each upgrade are warned of, base first. */
const UPGRADE_WARNINGS: Record<string, string[]> = {
  environment: ["value", "name"].map(
    (service) => `service ${service}: environment names GIVEN, which is defined nowhere: it gets no value`,
  ),
};

const recipes = await corpus();

test("the corpus is there, and every expected warning is of one of its recipes", () => {
  expect(recipes.length).toBeGreaterThan(25);
  expect(Object.keys(WARNINGS).filter((name) => !recipes.includes(name))).toEqual([]);
});

describe.each(recipes)("%s", (recipe) => {
  test("loads with the expected warnings, and the same way twice", async () => {
    const app = await loadCorpus(recipe);
    expect(app.warnings).toEqual(WARNINGS[recipe] ?? []);
    expect(app.services.map(({ key }) => key)).toContain("app");
    expect(JSON.stringify(await loadCorpus(recipe))).toBe(JSON.stringify(app));
  });
});

test.each(await upgrades())(
  "both versions of the upgrade of %s load with the expected warnings, and differ",
  async (name) => {
    const apps = await Promise.all((await upgradeOptions(name)).map(loadApp));
    const [base, head] = apps;
    expect(apps.flatMap(({ warnings }) => warnings)).toEqual(UPGRADE_WARNINGS[name] ?? []);
    expect(base && head && diffApps(base, head)).not.toEqual([]);
  },
);

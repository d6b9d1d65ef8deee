import { describe, expect, test } from "vitest";
import { fileSeed } from "../../checks/seeds/file-seed.ts";
import type { AppSpec, ServiceSpec, VolumeSpec } from "../../compose/app-spec.ts";
import type { AskedAfter, RecipeDefinition } from "../../recipes/define-recipe.ts";
import { STACK_PHASES, type StackPhase } from "../../stacks/phases.ts";
import { firstWatch } from "../../stacks/plan/late-look.ts";
import type { PlannedPhase } from "../../stacks/plan/planned.ts";
import { planPhases } from "../../stacks/plan/recipe-plan.ts";
import { appSpec, checkContext, serviceSpec, traefikPort, volumeMount } from "../fixtures/spec.ts";

const data: VolumeSpec = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: {} };
const service = serviceSpec({ labels: traefikPort(80), mounts: [volumeMount("wiki_data", "/data")] });
const base = appSpec({ services: [service], volumes: [data] });
const head = appSpec({ ...base, version: "1.1.0+1.1" });
const custom = [{ name: "custom.login", title: "One can log in", run: async () => ({ summary: "" }) }];

function planOf(definition: Partial<RecipeDefinition> = {}, apps: { base?: AppSpec; head: AppSpec } = { base, head }) {
  return planPhases({ definition: { name: "wiki", ...definition }, ...apps });
}

function phaseOf(name: StackPhase, phases: PlannedPhase[]): PlannedPhase {
  const found = phases.find((phase) => phase.name === name);
  if (!found) throw new Error(`no phase ${name}`);
  return found;
}

/** An app with one volume, and without a label of a backup. */
function only(key: string, driverOpts: VolumeSpec["driverOpts"] = {}, external = false): AppSpec {
  const volume = { ...data, key, name: `wiki_${key}`, driverOpts, external };
  return appSpec({ services: [{ ...service, mounts: [volumeMount(volume.name, "/data")] }], volumes: [volume] });
}

const namesIn = (name: StackPhase, phases: PlannedPhase[]) => phaseOf(name, phases).checks.map((check) => check.name);
const seed = (name: string) => fileSeed({ name, path: `/data/${name}` });

test("what only machinery can be late with is nobody's but its own; hooks are the recipe's", () => {
  const late = (app: AppSpec) => {
    const plan = planOf({}, { head: app });
    const checks = [...phaseOf("restore", plan).checks, ...phaseOf("move", plan).checks];
    return checks.filter((check) => "late" in check).map((check) => `${check.name}: ${check.late}`);
  };
  expect(late(head)).toEqual(["restore.data-destroyed: infra", "restore.restored: infra", "move.restored: infra"]);
  const labels = { ...traefikPort(80), "backupbot.restore.post-hook": "load" };
  expect(late({ ...head, services: [{ ...service, labels }] })).toContain("restore.restored: recipe");
});

test("a plan has every phase, in the order in which the stack goes through them", () => {
  expect(planOf().map(({ name }) => name)).toEqual(STACK_PHASES);
});

test("a recipe with a release, a volume and checks of its own goes through everything, each step after what it needs", () => {
  const plan = planOf({ custom }).map(({ name, skip, checks }) => ({
    name,
    skip,
    checks: checks.map((check) => `${check.name} <- ${check.after.join(", ")}`),
  }));
  expect(plan).toEqual([
    {
      name: "install",
      checks: [
        "install.converged <- ",
        "install.answers <- install.converged",
        "install.seed-file <- install.answers",
        "install.backup-repository <- ",
        "install.steady <- install.converged, install.answers, install.seed-file, install.backup-repository",
      ],
    },
    {
      name: "upgrade",
      checks: [
        "upgrade.converged <- ",
        "upgrade.answers <- upgrade.converged",
        "upgrade.version-moved <- upgrade.converged",
        "upgrade.keeps-volumes <- upgrade.converged",
        "upgrade.may-write <- upgrade.converged",
        "upgrade.keeps-access <- upgrade.converged",
        "upgrade.keeps-contents <- upgrade.answers",
        "upgrade.seed-file <- upgrade.keeps-volumes",
        "upgrade.steady <- upgrade.converged, upgrade.answers, upgrade.version-moved, upgrade.keeps-volumes, upgrade.may-write, upgrade.keeps-access, upgrade.keeps-contents, upgrade.seed-file",
      ],
    },
    {
      name: "backup",
      checks: [
        "backup.declared <- ",
        "backup.snapshot <- backup.declared",
        "backup.holds-file <- backup.snapshot",
        "backup.steady <- backup.declared, backup.snapshot, backup.holds-file",
      ],
    },
    {
      name: "restore",
      checks: [
        "restore.data-destroyed <- ",
        "restore.restored <- restore.data-destroyed",
        "restore.converged <- restore.restored",
        "restore.answers <- restore.converged",
        "restore.seed-file <- restore.answers",
        "restore.owner-file <- restore.seed-file",
        "restore.keeps-access <- restore.owner-file",
        "restore.keeps-contents <- restore.answers",
        expect.stringMatching(/^restore\.steady <- restore\.data-destroyed, .*, restore\.keeps-contents$/),
      ],
    },
    {
      name: "move",
      checks: [
        "move.new-app <- ",
        "move.written-over <- move.new-app",
        "move.without-file <- move.written-over",
        "move.restored <- move.without-file",
        "move.converged <- move.restored",
        "move.answers <- move.converged",
        "move.forgets-name <- move.answers",
        "move.seed-file <- move.forgets-name",
        expect.stringMatching(/^move\.steady <- move\.new-app, .*, move\.seed-file$/),
      ],
    },
    { name: "custom", checks: ["custom.login <- ", "custom.steady <- custom.login"] },
  ]);
});

test("what abra calls by itself is called after the act that it follows, and before anything is asked", () => {
  const commands = {
    afterDeploy: [{ service: "app", call: "set_admin" }],
    afterUpgrade: [{ service: "app", call: "migrate" }],
    script: "",
  };
  const calling = (args: { reattach?: boolean } = {}) => {
    const apps = { base: { ...base, commands }, head: { ...head, commands } };
    const checks = planPhases({ definition: { name: "wiki" }, ...apps, ...args }).flatMap((phase) => phase.checks);
    return checks.flatMap(({ name, title, after }) =>
      name.endsWith(".commands") ? [`${name} <- ${after.join(", ")}: ${title}`] : [],
    );
  };
  expect(calling()).toEqual([
    "install.commands <- install.converged: What POST_DEPLOY_CMDS calls ends well: set_admin",
    "upgrade.commands <- upgrade.converged: What POST_UPGRADE_CMDS calls ends well: migrate",
    "move.commands <- move.new-app: What POST_DEPLOY_CMDS calls ends well: set_admin",
  ]);
  expect(calling({ reattach: true })[1]).toBe(
    "upgrade.commands <- upgrade.converged: What POST_DEPLOY_CMDS calls ends well: set_admin",
  );
});

test("a database's place is asked of head, and of base where head has it elsewhere", () => {
  const db = serviceSpec({
    key: "db",
    image: "postgres:17",
    mounts: [volumeMount("wiki_data", "/var/lib/postgresql/data")],
  });
  const asked = (of: Partial<ServiceSpec>) => {
    const released = { ...base, services: [service, db] };
    const plan = planOf({}, { base: released, head: { ...head, services: [service, { ...db, ...of }] } });
    return plan.flatMap(({ checks }) =>
      checks.filter(({ name }) => name.endsWith("keeps-databases")).map(({ name }) => name),
    );
  };
  const both = ["install.keeps-databases", "upgrade.keeps-databases"];
  expect(asked({})).toEqual(["upgrade.keeps-databases"]);
  expect(asked({ image: "postgres:18" })).toEqual(both);
  expect(asked({ env: { PGDATA: "/srv/17" } })).toEqual(both);
  expect(asked({ mounts: [volumeMount("wiki_data", "/var/lib/postgresql")] })).toEqual(both);
});

test("tasks are watched for longer where some say nothing of their health", () => {
  const checked = { ...service, healthcheck: { test: ["CMD", "wget", "-qO", "/dev/null", "http://127.0.0.1/"] } };
  const passing = { ...service, healthcheck: { test: ["CMD", "true"] } };
  const of = (...services: ServiceSpec[]) => firstWatch({ ...head, services });
  expect([of(checked), of(service), of(checked, service), of(passing)]).toEqual(["12 s", "14 s", "14 s", "14 s"]);
});

test("what ends the app's tasks by our own hand asks first for those that have ended by themselves", () => {
  const stopping = (app: AppSpec) =>
    planOf({}, { head: app }).flatMap(({ checks }) => checks.filter(({ stops }) => stops).map(({ name }) => name));
  expect(stopping(head)).toEqual(["restore.data-destroyed", "move.restored"]);
  const labels = { ...traefikPort(80), "backupbot.restore.post-hook": "load" };
  const hooked = { ...head, services: [{ ...service, labels }] };
  expect(stopping(hooked)).toEqual(["restore.data-destroyed", "restore.starts-again"]);
  const once = planOf({ noSecondApp: "it can't be there twice" }, { head });
  expect(phaseOf("restore", once).checks.find(({ name }) => name === "restore.restored")?.stops).toBe(true);
});

test("what else Traefik routes to is asked in each phase that starts something", () => {
  const route = (name: string, port: number) => ({
    "traefik.enable": "true",
    [`traefik.http.routers.${name}.rule`]: `Host(\`${name}.ci.test\`)`,
    ...traefikPort(port, name),
  });
  const api = serviceSpec({ key: "api", labels: route("api", 3000) });
  const app = { ...head, services: [{ ...service, labels: route("wiki", 80) }, api] };
  const plan = planOf({}, { base: { ...app, version: "1.0.0+1.0" }, head: app });
  const asked = plan.flatMap(({ checks }) => checks.filter(({ name }) => name.endsWith(".routes")));
  expect(asked.map(({ name }) => name)).toEqual(["install.routes", "upgrade.routes", "restore.routes"]);
  expect(asked[0]?.title).toMatch(/: api$/);
});

test("an app that was restored while it ran is started once more, unless that is done anyway", () => {
  const labels = { ...traefikPort(80), "backupbot.backup": "true", "backupbot.restore.post-hook": "load" };
  const apps: { head: AppSpec } = { head: { ...head, services: [{ ...service, labels }] } };
  const again = (definition: Partial<RecipeDefinition>, of = apps) =>
    namesIn("restore", planOf(definition, of)).includes("restore.starts-again");
  expect([again({}), again({ afterRestore: "restart" }), again({}, { head })]).toEqual([true, false, false]);
});

test("an app has the time of its start until it answers, whether Swarm asks for its health or not", () => {
  const answers = (over: object) => {
    const app = { ...head, timeoutSeconds: 300, services: [{ ...service, ...over }] };
    return phaseOf("install", planOf({}, { head: app })).checks.find(({ name }) => name === "install.answers");
  };
  expect(answers({})?.deadline).toBe("360 s");
  expect(answers({ healthcheck: { test: ["NONE"] } })?.deadline).toBe("360 s");
  expect(answers({ healthcheck: { test: ["CMD", "pgrep", "wiki"] } })?.deadline).toBe("360 s");
});

test("an app that hooks were run in for a backup is asked again after them, and looked at before", () => {
  const labels = { ...traefikPort(80), "backupbot.backup": "true", "backupbot.backup.pre-hook": "maintenance on" };
  const hooked = planOf({}, { base, head: { ...head, services: [{ ...service, labels }] } });
  expect(namesIn("backup", hooked).slice(-2)).toEqual(["backup.answers", "backup.steady"]);
  const beside = (plan: PlannedPhase[]) => phaseOf("upgrade", plan).checks.filter((one) => one.beside);
  expect(beside(hooked)).toEqual([]);
  expect(beside(planOf()).map(({ name }) => name)).toEqual(["upgrade.steady"]);
  expect(namesIn("backup", planOf())).not.toContain("backup.answers");
});

test("every check of every plan has a name of its own, and comes after checks of its own phase that precede it", () => {
  const plans = [planOf({ custom, seeds: [seed("a"), seed("b")] }), planOf({}, { head }), planOf({ noBackup: "none" })];
  for (const plan of plans) {
    const names = plan.flatMap((phase) => phase.checks.map((check) => check.name));
    expect(new Set(names).size).toBe(names.length);
    for (const { name, checks } of plan) {
      for (const [index, check] of checks.entries()) {
        expect(check.name.startsWith(`${name}.`), check.name).toBe(true);
        const before = checks.slice(0, index).map((one) => one.name);
        expect(before).toEqual(expect.arrayContaining(check.after));
      }
    }
  }
});

describe("a phase is left out, with the reason", () => {
  test("upgrade, where there is no older release; head is what is installed then", () => {
    const plan = planOf({}, { head });
    expect(phaseOf("upgrade", plan)).toEqual({
      name: "upgrade",
      app: head,
      skip: "the recipe has no release older than head",
      checks: [],
    });
    expect(namesIn("install", plan)).toContain("install.seed-file");
    expect(namesIn("backup", plan)).toContain("backup.snapshot");
  });

  test.each<[string, Partial<RecipeDefinition>, AppSpec, string]>([
    ["the recipe has no volume", {}, appSpec(), "the recipe has no volume"],
    [
      "all its volumes are its operators'",
      {},
      only("shared", {}, true),
      "the recipe has no volume of its own: its operators keep wiki_shared, which it calls external",
    ],
    ["its definition says why", { noBackup: "stores nothing" }, head, "stores nothing"],
    ["nothing must last", {}, only("cache"), "nothing in its volumes must last: cache"],
    [
      "nothing must last by its definition",
      { mayLose: { data: "x" } },
      only("data"),
      "nothing in its volumes must last: data",
    ],
    ["what it has lies in memory", {}, only("data", { type: "tmpfs" }), "nothing in its volumes must last: data"],
  ])("backup and restore, where %s", (_, definition, app, skip) => {
    const plan = planOf(definition, { base: app, head: app });
    expect(phaseOf("backup", plan)).toEqual({ name: "backup", app, skip, checks: [] });
    expect(phaseOf("restore", plan)).toEqual({ name: "restore", app, skip, checks: [] });
    expect(phaseOf("move", plan)).toEqual({ name: "move", app, skip, checks: [] });
    expect(namesIn("install", plan)).not.toContain("install.backup-repository");
  });

  test("restore, where a folder of the node has all that the labels were to back up, of which they are told", () => {
    const labels = { ...traefikPort(80), "backupbot.backup": "true" };
    const bound = (source: string) => {
      const app = appSpec({ services: [{ ...service, labels, mounts: [{ type: "bind", source, target: "/data" }] }] });
      return planOf({}, { head: app });
    };
    expect(namesIn("backup", bound("/srv/wiki"))).toContain("backup.declared");
    expect(phaseOf("restore", bound("/srv/wiki")).skip).toBe("no backup holds what the app keeps");
    expect(phaseOf("backup", bound("/var/run/docker.sock")).skip).toBe("the recipe has no volume");
  });

  test("custom, where the definition has none", () => {
    expect(phaseOf("custom", planOf()).skip).toBe("the recipe's definition has no checks of its own");
    expect(phaseOf("custom", planOf({ custom: [] })).skip).toBeDefined();
  });
});

describe("seeds", () => {
  test("of the recipe's own are planted, looked for after the upgrade, in the snapshot and after the restore", () => {
    const names = planOf({ seeds: [seed("page"), seed("row")] }).flatMap((phase) =>
      phase.checks.map(({ name }) => name),
    );
    expect(names.filter((name) => /-(page|row)$/.test(name))).toEqual([
      "install.seed-page",
      "install.seed-row",
      "upgrade.seed-page",
      "upgrade.seed-row",
      "backup.holds-page",
      "backup.holds-row",
      "restore.seed-page",
      "restore.seed-row",
      "restore.writes-page",
      "restore.writes-row",
      "move.without-page",
      "move.without-row",
      "move.seed-page",
      "move.seed-row",
      "move.writes-page",
      "move.writes-row",
    ]);
  });

  test("none: what has none is not said to be intact", () => {
    for (const phase of planOf({ seeds: [] })) {
      expect(namesIn(phase.name, [phase]).filter((name) => /seed|holds|writes/.test(name))).toEqual([]);
    }
  });

  test.each([
    ["read-only", [volumeMount("wiki_data", "/data", { readOnly: true })]],
    ["the host's", [{ type: "bind" as const, source: "/srv", target: "/data" }]],
  ])("by default lie in a volume, not where it is %s", (_, mounts) => {
    const app = appSpec({ services: [serviceSpec({ mounts })] });
    expect(namesIn("install", planOf({}, { head: app }))).toEqual([
      "install.converged",
      "install.keeps-data",
      "install.steady",
    ]);
  });

  test("of one name twice are refused, before anything is deployed", () => {
    expect(() => planOf({ seeds: [fileSeed({ path: "/data/a" }), fileSeed({ path: "/data/b" })] })).toThrow(
      'two checks are named "install.seed-file"',
    );
  });
});

describe("checks of the definition's own", () => {
  const looks = (name: string, after?: AskedAfter[]) => ({ ...custom[0], name, title: name, run, after });
  const run = async () => ({ summary: "" });
  const named = (pattern: RegExp, plan: PlannedPhase[]) =>
    plan.flatMap(({ checks }) => checks.filter(({ name }) => pattern.test(name)));

  test("are asked after the phases they name, each after the one written before it", () => {
    const plan = planOf({ custom: [looks("custom.a", ["install", "restore"]), looks("b", ["restore", "custom"])] });
    expect(named(/custom-|custom\.[ab]/, plan).map(({ name, after }) => [name, after.at(-1)])).toEqual([
      ["install.custom-a", "install.seed-file"],
      ["restore.custom-a", "restore.keeps-access"],
      ["restore.custom-b", "restore.custom-a"],
      ["custom.b", undefined],
    ]);
  });

  test("come after all else of the upgrade", () => {
    const plan = planOf({ custom: [looks("a", ["upgrade"])] });
    expect(named(/custom-a/, plan)[0]?.after).toEqual(expect.arrayContaining(["upgrade.answers", "upgrade.seed-file"]));
    expect(phaseOf("custom", plan).skip).toBe("the recipe's definition has them all asked in earlier phases");
  });

  test("after a phase that is none are refused, with the one that was meant", () => {
    const wrong = looks("a", ["instal" as AskedAfter]);
    expect(() => planOf({ custom: [wrong] })).toThrow('check "a" is to be asked after "instal"');
  });

  test("as journeys begin once, and are looked for wherever the app was changed", async () => {
    const calls: string[] = [];
    const journey = {
      name: "post",
      title: "A post is read",
      prepare: async () => void calls.push("prepare"),
      verify: async () => ({ summary: String(calls.push("verify")) }),
    };
    const found = named(/journey/, planOf({ journeys: [journey] }));
    expect(found.map(({ name }) => name)).toEqual([
      "install.journey-post",
      "upgrade.journey-post",
      "restore.journey-post",
      "move.journey-post",
    ]);
    for (const check of found) await check.run(checkContext());
    expect(calls).toEqual(["prepare", "verify", "verify", "verify", "verify"]);
  });
});

describe("what up means", () => {
  test.each<[string, Partial<RecipeDefinition>, AppSpec, string | undefined]>([
    ["GET / where Traefik has a port", {}, head, "GET / answers as it should"],
    ["nothing more than running where it has none", {}, appSpec(), undefined],
    ["the path of the definition", { health: { http: { path: "/health" } } }, head, "GET /health answers as it should"],
    ["TCP where the definition says so", { health: { tcp: { port: 25 } } }, head, "The app accepts TCP connections"],
  ])("%s", (_, definition, app, title) => {
    const checks = phaseOf("install", planOf(definition, { head: app })).checks;
    expect(checks.find((check) => check.name === "install.answers")?.title).toBe(title);
  });

  test.each<[string, Partial<RecipeDefinition>, number, string]>([
    ["a minute at least", {}, 50, "90 s"],
    ["the recipe's own timeout", {}, 600, "630 s"],
    ["the definition's", { convergence: "5 min" }, 50, "330 s"],
  ])(
    "may take %s, and the check a little longer, so that its own reason is the one shown",
    (_, over, seconds, limit) => {
      const plan = planOf(over, { head: appSpec({ timeoutSeconds: seconds }) });
      expect(phaseOf("install", plan).checks[0]).toMatchObject({ name: "install.converged", deadline: limit });
    },
  );

  const second = 1_000_000_000;
  test.each<[string, Partial<ServiceSpec>, string]>([
    ["to stop", { stopGracePeriod: 120 * second }, "200 s"],
    ["to stop, but not for hours", { stopGracePeriod: 7200 * second }, "380 s"],
    [
      "until its health is asked for the first time",
      { healthcheck: { test: ["CMD", "x"], interval: 60 * second } },
      "150 s",
    ],
    [
      "for its start, whose looks at health may fail",
      { healthcheck: { test: ["CMD", "x"], interval: 10 * second, startPeriod: 90 * second } },
      "180 s",
    ],
    ["for its start, but not for hours", { healthcheck: { test: ["CMD", "x"], startPeriod: 7200 * second } }, "390 s"],
    [
      "for one task after the other",
      { mode: { kind: "replicated", replicas: 3 }, updateConfig: { parallelism: 1, delay: 30 * second } },
      "180 s",
    ],
  ])("may take what a service asks %s", (_, over, limit) => {
    const plan = planOf({}, { head: appSpec({ services: [serviceSpec(over)] }) });
    expect(phaseOf("install", plan).checks[0]).toMatchObject({ name: "install.converged", deadline: limit });
  });
});

test("custom checks carry the name of their phase, whether they say it or not", () => {
  const checks = ["login", "custom.logout"].map((name) => ({ name, title: "", run: async () => ({ summary: "" }) }));
  expect(namesIn("custom", planOf({ custom: checks }))).toEqual(["custom.login", "custom.logout", "custom.steady"]);
});

describe("a head that changes nothing that is deployed", () => {
  const words = appSpec({ ...base, commit: "fedcba9876543210fedcba9876543210fedcba98" });
  const upgrade = (head: AppSpec, release: boolean) =>
    phaseOf("upgrade", planPhases({ definition: { name: "wiki" }, base, head, release }));

  test("is not upgraded to, and the plan says why", () => {
    expect(upgrade(words, false)).toEqual({
      name: "upgrade",
      app: words,
      skip: `head changes nothing that is deployed since ${base.version}`,
      checks: [],
    });
  });

  test("as a release, or under a new version, is a mistake that the upgrade's checks find", () => {
    expect(upgrade(words, true).skip).toBeUndefined();
    expect(upgrade(head, false).skip).toBeUndefined();
  });
});

describe("a volume of a service that does not run", () => {
  const idle = { ...service, mode: { kind: "replicated", replicas: 0 } } as const;
  const job = { ...service, mode: { kind: "replicated-job", totalCompletions: 1, maxConcurrent: 1 } } as const;

  test.each([idle, job])("$mode.kind: has no seed, and the plan says why there is no backup of it", (resting) => {
    const plan = planPhases({ definition: { name: "wiki" }, head: appSpec({ services: [resting], volumes: [data] }) });
    expect(namesIn("install", plan).filter((name) => name.includes("seed"))).toEqual([]);
    for (const name of ["backup", "restore"] as const)
      expect(phaseOf(name, plan).skip).toBe("no service that runs mounts a volume that can be written to");
  });

  test("is passed over for one of a service that runs", () => {
    const other = serviceSpec({ key: "web", mounts: [volumeMount("wiki_data", "/srv")] });
    const services = [idle, other];
    const plan = planPhases({ definition: { name: "wiki" }, head: appSpec({ services, volumes: [data] }) });
    expect(phaseOf("backup", plan).skip).toBeUndefined();
    expect(namesIn("install", plan)).toContain("install.seed-file");
  });
});

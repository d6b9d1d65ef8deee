import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { CheckFailure } from "../../checks/check-failure.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import type { OwnCheck, RecipeDefinition } from "../../recipes/define-recipe.ts";
import { locateNewest, locateVersions } from "../../stacks/versions.ts";
import { subscribe } from "../../swarm/engine-events.ts";
import { inventory } from "../../swarm/inventory.ts";
import { commitAll, gitFolder, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";
import { quietRun } from "./quiet-run.ts";
import { changesSince, IMAGE, testSwarmWithImages, UNCHANGED } from "./swarm-fixture.ts";

const MEETING = "recipe-ci-test-meeting";

interface Service {
  name: string;
  version: string;
  run: string;
  secret: string;
}

/** A recipe of one service, with one secret, in a network that the run provides. */
const files = ({ name, version, run, secret }: Service, sample: string) => ({
  "compose.yml": `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; ${run}; sleep 86400 & wait"]
    environment: [PAGES, RELEASE=${version}]
    volumes: ["data:/data"]
    networks: [meeting]
    secrets: [${secret}]
    deploy:
      update_config: { monitor: 500ms }
      labels: ["backupbot.backup=true", "coop-cloud.\${STACK_NAME}.version=${version}"]
networks:
  meeting: { external: true, name: ${MEETING} }
volumes:
  data:
secrets:
  ${secret}: { external: true, name: "\${STACK_NAME}_${secret}_\${SECRET_VERSION}" }
`,
  ".env.sample": `TYPE=${name}\nDOMAIN=${name}.example.com\n${sample}\n`,
});

/** Serves its secret. */
const serving = (name: string, version: string) =>
  files({ name, version, run: "httpd -p 80 -h /run/secrets", secret: "word" }, "SECRET_VERSION=v1 # length=12\nPAGES=");

const ending = (name: string) =>
  files({ name, version: "1.1.0+1", run: "exit 1", secret: "word" }, "SECRET_VERSION=v1\nPAGES=");

/** Ends unless the pages are there as it starts, and say what its own secret says. */
const reader = (version: string) => {
  const asks = "wget -T 60 -qO /tmp/word http://$$PAGES/word && cmp /tmp/word /run/secrets/said || exit 1";
  const run = `${asks}; httpd -p 80 -h /etc`;
  const sample = "SECRET_VERSION=v1 # generate=false\nPAGES=nowhere.invalid";
  return files({ name: "reader", version, run, secret: "said" }, sample);
};

/** A recipe with a release, and a head that came later. */
async function released(release: Record<string, string>, head: Record<string, string>): Promise<string> {
  const folder = await gitFolder(release);
  await gitIn(folder, "tag", "-a", "1.0.0+1", "-m", "first");
  await writeFiles(head, folder);
  await commitAll(folder, "second");
  return folder;
}

/** Is there for others, and needs nobody. */
const STORE: RecipeDefinition = { name: "store", health: { http: { path: "/word", port: 80 } }, stableFor: "1 s" };
const PAGES: RecipeDefinition = {
  ...STORE,
  name: "pages",
  dependencies: ["store"],
  gives: ({ service }) => ({ host: service("app") }),
};
const READER: RecipeDefinition = {
  name: "reader",
  dependencies: ["pages"],
  provides: { networks: [MEETING] },
  health: { http: { path: "/hostname", port: 80 } },
  stableFor: "1 s",
  env: ({ needs }) => ({ PAGES: needs.pages?.given("host") ?? "" }),
  secrets: ({ needs }) => ({ said: needs.pages?.secret("word") ?? "" }),
};

interface Read {
  /** Of the pages; default: their newest release. */
  ref?: string;
  custom?: OwnCheck[];
}

/** A run of the reader, which leaves nothing. */
async function read({ ref, custom }: Read = {}): Promise<RunResult & { named: (pattern: RegExp) => string[] }> {
  const swarm = await testSwarmWithImages();
  const before = await inventory(swarm);
  const found = async (definition: RecipeDefinition, source: Promise<string>) => {
    const here = { ...definition, source: await source };
    return { definition: here, located: await locateVersions(here) };
  };
  const reads = await found({ ...READER, custom }, released(reader("1.0.0+1"), reader("1.1.0+1")));
  const pages = await found(PAGES, released(serving("pages", "1.0.0+1"), ending("pages")));
  const store = await found(STORE, gitFolder(serving("store", "1.0.0+1")));
  const newest = { ...pages, located: await locateNewest(pages.definition, ref) };
  const run = `needs-${randomBytes(4).toString("hex")}`;
  const result = await quietRun({ run, ...reads, dependencies: [store, newest], dockerHost: swarm.host });
  expect(result.ledger.left).toEqual([]);
  expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
  const checks = result.phases.flatMap((phase) => phase.checks);
  const named = (pattern: RegExp) =>
    checks.filter(({ name }) => pattern.test(name)).map(({ name, status }) => `${name} ${status}`);
  return { ...result, named };
}

test("a recipe lives its whole life beside those that it needs, in one stack, with what they give", async () => {
  const swarm = await testSwarmWithImages();
  const updated: string[] = [];
  const fresh = new Set<string>();
  const updates = await subscribe(swarm, ({ Type, Action, Actor }) => {
    const { name = "" } = Actor.Attributes;
    if (Type === "service" && Action === "create") fresh.add(name);
    // The first one is Swarm's own, which gives it its virtual IPs.
    if (Type === "service" && Action === "update" && !fresh.delete(name)) updated.push(name);
  });
  const run: OwnCheck["run"] = async ({ needs, secret }) => {
    const word = await needs.pages?.secret("word");
    const { stdout } = (await needs.pages?.service("app").exec(["cat", "/run/secrets/word"])) ?? {};
    expect([word, stdout]).toEqual([await secret("said"), word]);
    expect(() => needs.store).toThrow('"store", which is no dependency of it');
    return { summary: needs.pages?.domain ?? "" };
  };
  const told: OwnCheck = { name: "told", title: "What the pages hold is what it was told", run };
  const { verdict, reason, named, deployments, phases } = await read({ custom: [told] });
  updates.close();
  expect(verdict, reason).toBe("pass");
  expect(updated.filter((name) => /^(?:page|stor)-/.test(name))).toEqual([]);
  const install = phases.find(({ name }) => name === "install")?.checks.map(({ name }) => name) ?? [];
  expect(install.filter((name) => /store|pages|converged/.test(name))).toEqual([
    ...["install.store.converged", "install.store.answers", "install.pages.converged", "install.pages.answers"],
    ...["install.converged", expect.stringContaining(".steady"), expect.stringContaining(".steady")],
  ]);
  expect(named(/pages/).filter((one) => one.includes("steady"))).toHaveLength(6);
  expect(named(/move.converged|upgrade.answers/)).toHaveLength(2);
  const domain = expect.stringMatching(/^page-\w{6}\.ci\.test$/);
  expect(deployments).toMatchObject([
    { role: "dependency", recipe: "store", version: "1.0.0+1" },
    { role: "dependency", recipe: "pages", version: "1.0.0+1", domain },
    { role: "subject", recipe: "reader", from: "1.0.0+1", version: "1.1.0+1" },
  ]);
});

test("one that fails blocks the verdict in its own name, and nothing starts that needs it", async () => {
  const swarm = await testSwarmWithImages();
  const made: string[] = [];
  const events = await subscribe(swarm, ({ Type, Action, Actor }) => {
    if (Type === "service" && Action === "create") made.push(Actor.Attributes.name ?? "");
  });
  const { verdict, reason, named, phases } = await read({ ref: "main" });
  events.close();
  expect(verdict, reason).toBe("blocked");
  expect(reason).toMatch(/^install\.pages\.converged: dependency pages: /);
  const failed = phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "failed"));
  expect(failed).toMatchObject([{ owner: "dependency" }]);
  expect(named(/install\.(converged|answers)/)).toEqual(["install.converged not-run", "install.answers not-run"]);
  const apps = made.filter((name) => name.endsWith("_app")).map((name) => name.slice(0, 4));
  expect(apps.sort()).toEqual(["page", "stor"]);
});

test("what breaks while one is down is charged to that one", async () => {
  const title = "The pages are read";
  const run: OwnCheck["run"] = async ({ swarm, app }) => {
    const services = await swarm.docker.listServices();
    const pages = services.find(({ Spec }) => /^page-.*_app$/.test(Spec?.Name ?? ""));
    await swarm.docker.getService(pages?.ID ?? "").remove();
    throw new CheckFailure(`${app.recipe} reads nothing`);
  };
  const { verdict, reason, phases } = await read({ custom: [{ name: "read", title, after: ["install"], run }] });
  expect([verdict, reason]).toEqual(["blocked", expect.stringMatching(/^install\.custom-read: dependency pages: /)]);
  const failed = phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "failed"));
  expect(failed).toMatchObject([{ owner: "dependency", error: expect.stringContaining("reader reads nothing") }]);
});

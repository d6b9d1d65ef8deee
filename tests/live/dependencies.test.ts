import { expect, onTestFinished, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { locateNewest, locateVersions } from "../../stacks/versions.ts";
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

/** Serves its secret; or ends at once. */
const pages = (version: string, serves: boolean) => {
  const run = serves ? "httpd -p 80 -h /run/secrets" : "exit 1";
  return files({ name: "pages", version, run, secret: "word" }, "SECRET_VERSION=v1 # length=12\nPAGES=");
};

/** Ends unless the pages are there as it starts, and say what its own secret says. */
const reader = (version: string) => {
  const run = "wget -T 5 -qO- http://$$PAGES/word | cmp - /run/secrets/said || exit 1; httpd -p 80 -h /etc";
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

const READER: RecipeDefinition = {
  name: "reader",
  dependencies: ["pages"],
  provides: { networks: [MEETING] },
  health: { http: { path: "/hostname", port: 80 } },
  stableFor: "1 s",
  env: ({ needs }) => ({ PAGES: needs.pages?.service("app") ?? "" }),
  secrets: ({ needs }) => ({ said: needs.pages?.secret("word") ?? "" }),
};
const PAGES: RecipeDefinition = { name: "pages", health: { http: { path: "/word", port: 80 } }, stableFor: "1 s" };

/** A run of the reader, with the pages at their newest release or another ref. */
async function read(ref?: string): Promise<RunResult & { named: (pattern: RegExp) => string[] }> {
  const swarm = await testSwarmWithImages();
  const before = await inventory(swarm);
  const own = await released(reader("1.0.0+1"), reader("1.1.0+1"));
  const others = await released(pages("1.0.0+1", true), pages("1.1.0+1", false));
  const definition = { ...READER, source: own };
  const needed = { ...PAGES, source: others };
  const result = await quietRun({
    run: `needs-${ref ?? "newest"}-${process.pid}`,
    definition,
    located: await locateVersions(definition),
    dependencies: [{ definition: needed, located: await locateNewest(needed, ref) }],
    dockerHost: swarm.host,
  });
  expect(result.ledger.left).toEqual([]);
  expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
  const checks = result.phases.flatMap((phase) => phase.checks);
  const named = (pattern: RegExp) =>
    checks.filter(({ name }) => pattern.test(name)).map(({ name, status }) => `${name} ${status}`);
  return { ...result, named };
}

test("a recipe lives its whole life beside one that it needs, in one stack, with what that gives", async () => {
  const { verdict, reason, named, deployments } = await read();
  expect(verdict, reason).toBe("pass");
  expect(named(/pages/)).toEqual(["install.pages.converged passed", "install.pages.answers passed"]);
  expect(named(/elsewhere-converged|upgrade.answers/)).toHaveLength(2);
  expect(deployments).toMatchObject([
    {
      role: "dependency",
      recipe: "pages",
      version: "1.0.0+1",
      domain: expect.stringMatching(/^page-\w{6}\.ci\.test$/),
    },
    { role: "subject", recipe: "reader", from: "1.0.0+1", version: "1.1.0+1" },
  ]);
});

test("one that fails blocks the verdict in its own name, and nothing starts that needs it", async () => {
  const swarm = await testSwarmWithImages();
  const seen = new Set<string>();
  const events = await swarm.docker.getEvents({ filters: { type: ["service"], event: ["create"] } });
  events.on("data", (line: Buffer) => seen.add(JSON.parse(line.toString()).Actor.Attributes.name));
  onTestFinished(() => void (events as unknown as { destroy(): void }).destroy());
  const { verdict, reason, named, phases } = await read("main");
  expect(verdict).toBe("blocked");
  expect(reason).toMatch(/^install\.pages\.converged: dependency pages: /);
  const checks = phases.flatMap((phase) => phase.checks);
  expect(checks.filter(({ status }) => status === "failed")).toMatchObject([{ owner: "dependency" }]);
  expect(named(/install\.(converged|answers)/)).toEqual(["install.converged not-run", "install.answers not-run"]);
  expect([...seen].filter((name) => name.startsWith("page-"))).not.toEqual([]);
  expect([...seen].filter((name) => name.startsWith("read-") && name.endsWith("_app"))).toEqual([]);
});

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { findDependencies } from "../../recipes/dependencies.ts";
import { findRecipe } from "../../recipes/find.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { locateNewest } from "../../stacks/versions.ts";
import { subscribe } from "../../swarm/engine-events.ts";
import { containerOf, execIn } from "../../swarm/exec.ts";
import { inventory } from "../../swarm/inventory.ts";
import { filledFolder } from "../fixtures/filled-folder.ts";
import { applyEdit, compose, type Edit } from "../recipe-edits.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { quietRun } from "./quiet-run.ts";
import { testSwarm } from "./swarm-fixture.ts";
import { TypedPulumi } from "./typed-pulumi.ts";

// The first one compiles a Gitea.
const PROOF = { timeout: 3_600_000, skip: !process.env.RECIPE_CI_PROOF };

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

interface Twin {
  recipe: string;
  defect: string;
  edit: Edit;
  says: RegExp;
}

const template = (find: string, replace: string): Edit => ({ file: "homeserver.yaml.tmpl", find, replace });
const overlay = (find: string, replace: string): Edit => ({ file: "compose.oidc.yml", find, replace });

/** Ways in which signing on breaks, at Keycloak and at Gitea, in the client's own settings: all else of both works. */
const TWINS: Twin[] = [
  {
    recipe: "matrix-synapse",
    defect: "people are to be sent back to another host",
    edit: template('public_baseurl: https://{{ env "DOMAIN" }}/', "public_baseurl: https://elsewhere.example/"),
    says: /ERR_NAME_NOT_RESOLVED/,
  },
  {
    recipe: "matrix-synapse",
    defect: "another secret is sent than the client's",
    edit: template('{{ secret "keycloak_client_secret" }}', '{{ secret "form" }}'),
    says: /Timeout|console/,
  },
  {
    recipe: "miniflux",
    defect: "people are to be sent back to another host",
    edit: overlay("REDIRECT_URL=https://$", "REDIRECT_URL=https://elsewhere.example/$"),
    says: /Unregistered Redirect URI/,
  },
  {
    recipe: "miniflux",
    defect: "another secret is sent than the client's",
    edit: overlay("/run/secrets/oidc_secret", "/run/secrets/db_password"),
    says: /form-title/,
  },
];

/** A recipe of this project, broken in one way, as a git repository; its releases are as they were. */
function broken(recipe: string, edit: Edit): Promise<AsyncDisposable & { source: string }> {
  return filledFolder("twin-sign-on", (root) => writeBroken(recipe, edit, root));
}

async function writeBroken(recipe: string, edit: Edit, root: string): Promise<AsyncDisposable & { source: string }> {
  const folder = join(root, "head");
  await cp(projectPath(`tests/recipes/${recipe}`), folder, { recursive: true });
  await applyEdit(folder, edit);
  const { source } = await findRecipe(recipe);
  const releases = typeof source === "object" ? source.releases : undefined;
  const repo = await repoFromFolder({ folder, releases, cacheDir: join(root, "git") });
  return {
    source: pathToFileURL(repo.gitDir).href,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

test.each(TWINS)("$recipe fails where $defect", PROOF, async ({ recipe, edit, says }) => {
  await using twin = await broken(recipe, edit);
  const result = resultOf(await recipeCi("run", recipe, "--source", twin.source, "--json"));
  const checks = result.phases.flatMap((phase) => phase.checks);
  expect(checks.filter(({ status }) => status === "failed")).toMatchObject([
    { name: "install.journey-sign-on", owner: "recipe", error: expect.stringMatching(says) },
  ]);
  const provider = recipe === "miniflux" ? "gitea" : "keycloak";
  expect(checks).toContainEqual(
    expect.objectContaining({ name: `install.${provider}.sign-on-${recipe}`, status: "passed" }),
  );
  expect(result, result.reason).toMatchObject({ verdict: "fail", ledger: { left: [], lost: [] } });
});

/** Ways in which Gitea itself is no provider: nothing starts that would sign on there, and nobody is charged but Gitea. */
const DOWN: { defect: string; edit: Edit; fails: string; says: RegExp }[] = [
  {
    defect: "does not start",
    edit: compose("    networks:\n      - proxy", "    entrypoint: /bin/false\n    networks:\n      - proxy"),
    fails: "install.gitea.converged",
    says: /^dependency gitea: /,
  },
  {
    defect: "signs nobody on",
    edit: { file: "app.ini.tmpl", find: "[oauth2]\n", replace: "[oauth2]\nENABLED = false\n" },
    fails: "install.gitea.sign-on-miniflux",
    says: /^dependency gitea: discovery: .*404/,
  },
];

test.each(DOWN)("Miniflux is not judged where its Gitea $defect", PROOF, async ({ edit, fails, says }) => {
  await using twin = await broken("gitea", edit);
  const swarm = await testSwarm();
  const made: string[] = [];
  const events = await subscribe(swarm, ({ Type, Action, Actor }) => {
    if (Type === "service" && Action === "create") made.push(Actor.Attributes.name ?? "");
  });
  const definition = await findRecipe("miniflux");
  const [found] = await findDependencies(definition);
  const gitea = { ...found?.definition, name: "gitea", source: twin.source };
  const result = await quietRun({
    run: `miniflux-${process.pid}-${fails.length}`,
    definition,
    dependencies: [{ definition: gitea, located: await locateNewest(gitea, "main") }],
    dockerHost: swarm.host,
  });
  events.close();
  const failed = result.phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "failed"));
  expect(failed).toMatchObject([{ name: fails, owner: "dependency", error: expect.stringMatching(says) }]);
  expect(result, result.reason).toMatchObject({ verdict: "blocked", ledger: { left: [], lost: [] } });
  expect(made.filter((name) => name.startsWith("mini-") && !name.endsWith("-probe"))).toEqual([]);
});

test("what Gitea gave stays by hand too: a preview knows nothing of it, the state shows no secret", PROOF, async () => {
  const pulumi = await TypedPulumi.init(`pr-miniflux-by-hand-${process.pid}`, { recipe: "miniflux" });
  try {
    expect(await pulumi.succeed("preview", "-s", pulumi.stack)).toMatch(/client:miniflux/);
    const said = await pulumi.upWell();
    const swarm = await testSwarm();
    const { entries } = await inventory(swarm);
    const app = entries.find(
      ({ kind, run, name }) => kind === "service" && run === pulumi.stack && /^mini-.*_app$/.test(name),
    );
    const { engine, id } = await containerOf(swarm, app?.name ?? "");
    const read = async (script: string) => (await execIn(engine, id, ["sh", "-c", script])).stdout.trim();
    const [client, secret] = [await read("echo $OAUTH2_CLIENT_ID"), await read("cat /run/secrets/oidc_secret")];
    expect(client).toMatch(UUID);
    expect(secret).toMatch(/^gto_\w{40,}$/);
    const state = await pulumi.succeed("stack", "export", "-s", pulumi.stack);
    expect(state).toContain(client);
    const encoded = Buffer.from(secret).toString("base64");
    for (const text of [state, said]) for (const shown of [secret, encoded]) expect(text).not.toContain(shown);
    await pulumi.upWell("--expect-no-changes", "--diff");
  } finally {
    await pulumi.end();
  }
});

test("Miniflux signs on at Gitea, as the client that Gitea names, and lives its whole life", PROOF, async () => {
  const outcome = await recipeCi("run", "miniflux", "--json");
  const result = resultOf(outcome);
  expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
  expect(result.deployments?.map(({ recipe }) => recipe)).toEqual(["gitea", "miniflux"]);
  const images = result.standIns.map(({ image }) => image).filter((image) => image.startsWith("gitea/"));
  expect(images).toHaveLength(1);
  const checks = result.phases.flatMap((phase) => phase.checks);
  const found = (name: string) => checks.find((check) => check.name === name);
  const [id] = UUID.exec(JSON.stringify(found("install.gitea.client-miniflux"))) ?? [];
  expect(id).toBeDefined();
  for (const name of ["install.gitea.sign-on-miniflux", "custom.asks-gitea"])
    expect(found(name)).toMatchObject({ status: "passed", summary: expect.stringContaining(String(id)) });
  for (const grant of ["client_credentials", "password"])
    expect(found(`install.gitea.sign-on-miniflux.${grant}`)).toMatchObject({
      status: "skipped",
      reason: expect.stringContaining("authorization_code"),
    });
});

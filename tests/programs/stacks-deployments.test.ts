import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { home } from "../../lib/home.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { loadDeployments, locateRecipes, namesIn } from "../../stacks/deployments.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { commitAll, gitFolder, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";

const compose = (version: string) => `version: "3.8"
services:
  app:
    image: wiki:1.0
    environment: [MAIL]
    deploy: {labels: ["coop-cloud.\${STACK_NAME}.version=${version}"]}
`;
const files = (name: string, version: string) => ({
  "compose.yml": compose(version),
  ".env.sample": `TYPE=${name}\nDOMAIN=${name}.example.com\nMAIL=none\n`,
});

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-test-"));
  // What has a Docker CLI.
  for (const part of ["engine", "rootfs"]) await symlink(home(part), join(folder, part));
  vi.stubEnv("RECIPE_CI_HOME", folder);
  return async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  };
});

async function loaded(mail: string, ref?: string) {
  const definition: RecipeDefinition = {
    name: "wiki",
    source: await gitFolder(files("wiki", "3.0.0+1")),
    dependencies: [{ recipe: "mail", source: mail, ref }],
    env: ({ needs }) => ({ MAIL: needs.mail?.service("app") ?? "" }),
  };
  const located = await locateVersions(definition);
  const recipes = await locateRecipes(definition, located, { namesOf: namesIn("run-1") });
  return { recipes, deployments: await loadDeployments(recipes) };
}

/** A recipe with two releases, and a head that came later. */
async function released(head = files("mail", "1.1.0+1")): Promise<string> {
  const folder = await gitFolder(files("mail", "0.9.0+1"));
  await gitIn(folder, "tag", "-a", "0.9.0+1", "-m", "zeroth");
  await writeFiles(files("mail", "1.0.0+1"), folder);
  await commitAll(folder, "first");
  await gitIn(folder, "tag", "-a", "1.0.0+1", "-m", "first");
  await writeFiles(head, folder);
  await commitAll(folder, "second");
  return folder;
}

describe("what a recipe needs is deployed", () => {
  test("at its newest release, under names of its own, which the recipe is told before it is read", async () => {
    const { deployments } = await loaded(await released());
    const [mail, wiki] = deployments;
    expect(deployments).toMatchObject([
      { role: "dependency", head: { recipe: "mail", version: "1.0.0+1" }, base: undefined },
      { role: "subject", head: { recipe: "wiki", version: "3.0.0+1" } },
    ]);
    expect(mail?.namespace).toMatch(/^mail-\w{6}_ci_test$/);
    expect(mail?.head.services[0]?.name).toBe(`${mail?.namespace}_app`);
    expect(wiki?.head.services[0]?.env.MAIL).toBe(`${mail?.namespace}_app`);
  });

  test("at the ref that is asked for; without a release at HEAD, which is told", async () => {
    const asked = await loaded(await released(), "main");
    expect(asked.deployments[0]?.head.version).toBe("1.1.0+1");
    const { recipes, deployments } = await loaded(await gitFolder(files("mail", "0.1.0+1")));
    expect(deployments[0]?.head.version).toBe("0.1.0+1");
    expect(recipes.dependencies[0]?.located.warnings).toEqual(["there is no release: it is deployed as it is at HEAD"]);
  });

  test("and blocks all that need it where it can't be read", async () => {
    const broken = released({ ...files("mail", "1.1.0+1"), "compose.yml": "services: [" });
    await expect(loaded(await broken, "main")).rejects.toMatchObject({
      owner: "dependency",
      message: expect.stringMatching(/^dependency mail: compose\.yml:/),
    });
  });
});

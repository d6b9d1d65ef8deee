import { afterEach, describe, expect, test, vi } from "vitest";
import { describe as sentence } from "../../lib/errors.ts";
import { present } from "../../lib/present.ts";
import { projectPath } from "../../lib/project.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { findDependencies, namesOfNeeded } from "../../recipes/dependencies.ts";
import { findRecipe } from "../../recipes/find.ts";

const CI = projectPath("recipes/custom-html/ci.ts");
afterEach(() => {
  vi.doUnmock(CI);
  vi.unstubAllEnvs();
});

const wiki = (...dependencies: NonNullable<RecipeDefinition["dependencies"]>): RecipeDefinition => ({
  name: "wiki",
  dependencies,
});
const elsewhere = (recipe: string, ref?: string) => ({ recipe, source: `/srv/${recipe}`, ref });
const refusal = (finding: Promise<unknown>) => finding.then(() => "found", sentence);
const html = (...dependencies: NonNullable<RecipeDefinition["dependencies"]>) =>
  vi.doMock(CI, () => ({ default: { name: "custom-html", source: "/srv/html", dependencies } }));

describe("what a recipe needs", () => {
  test("is found by name where it has a ci.ts, else where its definition says, at the ref that it says", async () => {
    const found = await findDependencies(wiki("custom-html", elsewhere("mail", "v2")));
    expect(found).toMatchObject([
      { definition: { name: "custom-html", seeds: [{ name: "file" }] } },
      { definition: { name: "mail", source: "/srv/mail" }, ref: "v2" },
    ]);
    expect(namesOfNeeded(wiki("custom-html", elsewhere("mail")))).toEqual(["custom-html", "mail"]);
    expect(await findDependencies({ name: "wiki" })).toEqual([]);
  });

  test("is called as it is asked for, whatever its own ci.ts says", async () => {
    vi.doMock(CI, () => ({ default: { name: "html", source: "/srv/html" } }));
    expect(await findDependencies(wiki("custom-html"))).toMatchObject([{ definition: { name: "custom-html" } }]);
  });

  test("is what its ci.ts says that it is to others: Gitea without the Keycloak of its own tests", async () => {
    const found = await findDependencies(wiki("gitea"));
    expect(found.map(({ definition }) => definition.name)).toEqual(["gitea"]);
    const { definition } = present(found[0], "gitea");
    expect(definition).toMatchObject({ env: { COMPOSE_FILE: "compose.yml" }, signOn: { lacks: expect.anything() } });
    expect(definition.signsOnAt).toBeUndefined();
    expect((await findRecipe("gitea")).signsOnAt).toMatchObject({ provider: "keycloak" });
  });

  test("comes once, and after what it needs itself", async () => {
    html(elsewhere("db"), elsewhere("mail"));
    const found = await findDependencies(wiki(elsewhere("mail"), "custom-html", elsewhere("db")));
    expect(found.map(({ definition }) => definition.name)).toEqual(["mail", "db", "custom-html"]);
  });

  test("can't need itself by way of others: the circle is told", async () => {
    html(elsewhere("wiki"));
    expect(await refusal(findDependencies(wiki("custom-html")))).toBe(
      "recipes/custom-html/ci.ts dependencies[0]: none of them can be the first: wiki needs custom-html needs wiki\n" +
        "  remedy: take one of them out",
    );
    html("custom-html");
    expect(await refusal(findDependencies(wiki("custom-html")))).toContain(": custom-html needs custom-html\n");
  });

  test("can't be there in two ways", async () => {
    html(elsewhere("mail", "v1"));
    const refused = await refusal(findDependencies(wiki("custom-html", elsewhere("mail", "v2"))));
    expect(refused).toContain('recipes/wiki/ci.ts dependencies[1]: recipe "mail" is needed in two ways');
  });

  test("that nobody knows is told with the one that was likely meant, or all that there are", async () => {
    const place = "recipes/wiki/ci.ts dependencies[0]: nothing is known of a recipe";
    expect(await refusal(findDependencies(wiki("custom-htlm")))).toBe(
      `${place} "custom-htlm"\n  remedy: did you mean custom-html?`,
    );
    expect(await refusal(findDependencies(wiki("zulip")))).toContain("there is custom-html, ");
    const catalogue = "https://git.example.org/{recipe}.git";
    expect(await findDependencies(wiki("zulip"), catalogue)).toMatchObject([
      { definition: { source: "https://git.example.org/zulip.git" } },
    ]);
  });

  test("has no keys that nothing reads", async () => {
    html({ recipe: "mail", reff: "v1" } as never);
    expect(await refusal(findRecipe("custom-html"))).toBe(
      "recipes/custom-html/ci.ts dependencies[0].reff: no such key\n  remedy: did you mean ref?",
    );
  });
});

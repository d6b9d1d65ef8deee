import { describe, expect, test } from "vitest";
import { describe as sentence } from "../../lib/errors.ts";
import { defineRecipe, type RecipeDefinition } from "../../recipes/define-recipe.ts";
import { settle } from "../../recipes/settle.ts";
import { namesIn } from "../../stacks/deployments.ts";

const namesOf = namesIn("run-1");
const { domain, namespace } = namesOf("keycloak");
const db: RecipeDefinition = { name: "db", gives: ({ service }) => ({ host: service("app") }) };
const keycloak = defineRecipe({
  name: "keycloak",
  dependencies: ["db"],
  gives: ({ domain: own, service, needs }) => ({
    url: `https://${own}/realms/${needs.db.given("host").length}`,
    host: service("app"),
  }),
});
const wiki = (definition: Partial<RecipeDefinition>): RecipeDefinition => ({
  name: "wiki",
  dependencies: ["keycloak"],
  ...definition,
});
const settled = (definition: Partial<RecipeDefinition>) => settle(wiki(definition), [db, keycloak], namesOf);
const refusal = (definition: Partial<RecipeDefinition>) => {
  try {
    settled(definition);
    return "";
  } catch (error) {
    return sentence(error);
  }
};

describe("a definition is settled", () => {
  test("as it stands where nothing hangs on others", () => {
    const env = { A: "b" };
    expect(settled({ env, restarts: 2 })).toEqual({ name: "wiki", dependencies: ["keycloak"], env, restarts: 2 });
  });

  test("with what its dependencies are called in this run, and what they give", () => {
    const { env, upgradeEnv, secrets, named } = settled({
      env: ({ needs }) => ({ AT: needs.keycloak?.domain ?? "", HOST: needs.keycloak?.service("app") ?? "" }),
      upgradeEnv: ({ needs }) => ({ URL: needs.keycloak?.given("url") ?? "" }),
      secrets: ({ needs }) => ({ own: needs.keycloak?.secret("client") ?? "" }),
    });
    expect(env).toEqual({ AT: domain, HOST: `${namespace}_app` });
    expect(upgradeEnv?.URL).toMatch(new RegExp(`^https://${domain}/realms/\\d+$`));
    expect(secrets).toEqual({ own: { recipe: "keycloak", secret: "client" } });
    expect(named).toEqual([
      { kind: "service", recipe: "keycloak", key: "app" },
      { kind: "secret", recipe: "keycloak", key: "client" },
    ]);
  });

  test("so that what a ci.ts gives is told in its own name, where there is no such thing", () => {
    expect(settle(keycloak, [db, keycloak], namesOf).named).toEqual([
      { kind: "service", recipe: "keycloak", key: "app" },
    ]);
    expect(settle(db, [], namesOf).named).toEqual([{ kind: "service", recipe: "db", key: "app" }]);
  });

  test("and not with what it does not declare: the nearest that it does is told", () => {
    const place = "recipes/wiki/ci.ts env: ";
    expect(refusal({ env: ({ needs }) => ({ A: needs.keyclok?.domain ?? "" }) })).toBe(
      `${place}"keyclok" is no dependency of it\n  remedy: did you mean keycloak?`,
    );
    expect(refusal({ dependencies: [], env: ({ needs }) => ({ A: needs.db?.domain ?? "" }) })).toContain(
      "there is none",
    );
  });

  test("nor with what they don't give", () => {
    expect(refusal({ env: ({ needs }) => ({ A: needs.keycloak?.given("urls") ?? "" }) })).toBe(
      'recipes/wiki/ci.ts env: "urls" is nothing that keycloak gives\n  remedy: did you mean url?',
    );
  });

  test("nor with what is no text; a secret may be left open", () => {
    const nothing = { A: undefined } as never;
    expect(refusal({ env: () => nothing })).toContain("recipes/wiki/ci.ts env.A: the value is undefined");
    expect(refusal({ upgradeEnv: { B: 5 } as never })).toContain(
      "recipes/wiki/ci.ts upgradeEnv.B: the value is no text",
    );
    expect(refusal({ secrets: { A: 5 } as never })).toContain("recipes/wiki/ci.ts secrets.A: the value is no text");
    expect(refusal({ sidecars: { psql: { network: "a" } as never } })).toContain(
      "recipes/wiki/ci.ts sidecars.psql.image: the value is undefined",
    );
    expect(settled({ secrets: nothing }).secrets).toEqual({ A: undefined });
  });

  test("unless its own code breaks, which is told with the key", () => {
    const broken = () => {
      throw new TypeError("x is undefined");
    };
    expect(refusal({ secrets: broken })).toContain("recipes/wiki/ci.ts secrets: it broke: TypeError: x is undefined");
  });
});

describe("where users sign on", () => {
  const register = async () => {};
  const at = { provider: "keycloak", secret: "oidc", redirects: ["/back"] } as const;
  const provider: RecipeDefinition = {
    ...keycloak,
    signOn: { issuer: ({ domain: own }, client) => `https://${own}/realms/${client}`, register },
  };
  const client = (signsOnAt: RecipeDefinition["signsOnAt"], others = [db, provider]) => {
    const env: RecipeDefinition["env"] = ({ needs }) => ({ AT: needs.keycloak?.signOn.issuer ?? "" });
    return settle(wiki({ signsOnAt, env }), others, namesOf);
  };

  test("is known to both sides by names alone, with the way back to the app and to its second one", () => {
    const { env, signsOn } = client({ ...at, redirects: ["/back"] });
    const issuer = `https://${domain}/realms/wiki`;
    expect(env).toEqual({ AT: issuer });
    const redirects = [expect.stringMatching(/^https:\/\/wiki-\w{6}\.ci\.test\/back$/), expect.any(String)];
    expect(signsOn).toEqual({ provider: "keycloak", client: "wiki", issuer, redirects, secretKey: "oidc" });
    expect(new Set(signsOn?.redirects).size).toBe(2);
  });

  test("is known but for the client's id where the provider chooses that: something stands for it", () => {
    const issue = async () => ({ id: "a", secret: "b" });
    const choosing: RecipeDefinition = { ...keycloak, signOn: { issuer: () => "https://x", register, issue } };
    const env: RecipeDefinition["env"] = ({ needs }) => ({ ID: needs.keycloak?.signOn.client ?? "" });
    const { signsOn, ...made } = settle(wiki({ signsOnAt: { ...at, redirects: [] }, env }), [db, choosing], namesOf);
    expect(signsOn).toMatchObject({
      client: "wiki",
      idToCome: expect.stringMatching(/^[a-z-]+keycloak[a-z-]+wiki[a-z-]+$/),
    });
    expect(made.env).toEqual({ ID: signsOn?.idToCome });
  });

  test("is refused where nobody could log in: neither by a grant nor in a browser", () => {
    const lacks = { password: "old" };
    const lacking: RecipeDefinition = { ...keycloak, signOn: { issuer: () => "https://x", register, lacks } };
    const others = (signOn: RecipeDefinition["signOn"]) => [db, { ...lacking, signOn }];
    const client = wiki({ signsOnAt: { ...at, redirects: [] } });
    expect(() => settle(client, others(lacking.signOn), namesOf)).toThrow("nobody gets a token but in a browser");
    const logIn = async () => {};
    expect(() => settle(client, others({ issuer: () => "https://x", register, lacks, logIn }), namesOf)).not.toThrow();
  });

  test.each([
    [
      "who is no client asks what it is there",
      undefined,
      [db, provider],
      'wiki is no client of keycloak\n  remedy: say signsOnAt: { provider: "keycloak"',
    ],
    ["a recipe that is not needed", { ...at, provider: "other" }, [db, provider], "wiki is no client of keycloak"],
    [
      "one that signs nobody on",
      at,
      [db, keycloak],
      "keycloak signs nobody on\n  remedy: say in recipes/keycloak/ci.ts how: signOn",
    ],
  ])("is refused: %s", (_, signsOnAt, others, said) => {
    const asked = signsOnAt && { ...signsOnAt, redirects: [...signsOnAt.redirects] };
    try {
      client(asked, others);
      expect.unreachable();
    } catch (error) {
      expect(sentence(error)).toContain(said);
    }
  });

  test("is refused where nothing says that it is needed", () => {
    const definition = { signsOnAt: { ...at, provider: "other", redirects: [] } };
    expect(refusal(definition)).toContain('signsOnAt.provider: "other" is no dependency of it');
  });
});

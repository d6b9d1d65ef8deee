import { isAbsolute } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { describe as sentence } from "../../lib/errors.ts";
import { projectPath } from "../../lib/project.ts";
import { findRecipe } from "../../recipes/find.ts";

const CI = projectPath("recipes/custom-html/ci.ts");
afterEach(() => vi.doUnmock(CI));

describe("the definition of a recipe", () => {
  test("is that of its ci.ts, with folders of the project in full", async () => {
    const { source, ...definition } = await findRecipe("custom-html");
    expect(definition).toMatchObject({ name: "custom-html", seeds: [{ name: "file" }] });
    expect(source).toEqual({
      folder: projectPath("tests/recipes/custom-html"),
      releases: projectPath("tests/releases/custom-html"),
    });
  });

  test("is read from elsewhere when the user says so, as it is written", async () => {
    const definition = await findRecipe("custom-html", "https://git.example.org/custom-html.git");
    expect(definition.source).toBe("https://git.example.org/custom-html.git");
    expect(definition.seeds).toHaveLength(1);
  });

  test("is the generic one for a recipe that has none", async () => {
    expect(await findRecipe("unheard-of", "/srv/unheard-of")).toEqual({
      name: "unheard-of",
      source: "/srv/unheard-of",
    });
    expect(isAbsolute(String((await findRecipe("unheard-of", "/srv/x")).source))).toBe(true);
  });

  test("is missing where nothing says where the recipe is", async () => {
    await expect(findRecipe("unheard-of")).rejects.toMatchObject({
      name: "UserError",
      message: 'nothing says where recipe "unheard-of" is',
      place: { file: "recipes/unheard-of/ci.ts" },
      remedy: expect.stringContaining("--source"),
    });
  });

  test("is read from the catalogue by name alone where nothing else says so", async () => {
    const catalogue = "https://git.example.org/recipes/{recipe}.git";
    expect((await findRecipe("wiki", undefined, catalogue)).source).toBe("https://git.example.org/recipes/wiki.git");
    expect((await findRecipe("wiki", "/srv/wiki", catalogue)).source).toBe("/srv/wiki");
    await expect(findRecipe("wiki", undefined, "https://git.example.org")).rejects.toMatchObject({
      message: expect.stringContaining("{recipe}"),
    });
  });

  test.each<[string, object, string]>([
    ["a key", { upgradeenv: {} }, "upgradeenv: no such key\n  remedy: did you mean upgradeEnv?"],
    [
      "what it provides",
      { provides: { network: ["a"] } },
      "provides.network: no such key\n  remedy: did you mean networks?",
    ],
    ["that mail is sent", { mails: true }, "mails: no such key\n  remedy: did you mean mail?"],
    [
      "what a sidecar is",
      { sidecars: { psql: { image: "a", networks: "b" } } },
      "sidecars.psql.networks: no such key\n  remedy: did you mean network?",
    ],
    ["a way to ask", { health: { htpp: {} } }, "health.htpp: no such key\n  remedy: did you mean http?"],
    [
      "what one of several conditions asks",
      { health: [{ tls: { port: 1 } }, { udp: { port: 1, sends: "" } }] },
      "health[1].udp.sends: no such key\n  remedy: did you mean send?",
    ],
    [
      "what an answer is",
      { health: { http: { contenttype: "" } } },
      "health.http.contenttype: no such key\n  remedy: did you mean contentType?",
    ],
    [
      "what is asked of a port",
      { health: { tcp: { port: 1, time: 2 } } },
      "health.tcp.time: no such key\n  remedy: did you mean times?",
    ],
    [
      "where its releases are",
      { source: { folder: "/x", release: "/y" } },
      "source.release: no such key\n  remedy: did you mean releases?",
    ],
    [
      "what a waiver is for",
      { waivers: [{ rule: "R004", reason: "a", path: "b" }] },
      "waivers[0].path: no such key\n  remedy: take it out; there is rule, file, reason",
    ],
    [
      "when a check is asked",
      { custom: [{ name: "a", title: "a", run: async () => ({ summary: "" }), afer: ["install"], colour: "mine" }] },
      "custom[0].afer: no such key\n  remedy: did you mean after?",
    ],
    [
      "how a journey goes",
      { journeys: [{ name: "a", title: "a", prepair: async () => undefined, verify: async () => ({ summary: "" }) }] },
      "journeys[0].prepair: no such key\n  remedy: did you mean prepare?",
    ],
    [
      "what a seed does",
      { seeds: [{ name: "a", write: async () => undefined, read: async () => "", destroied: async () => true }] },
      "seeds[0].destroied: no such key\n  remedy: did you mean destroyed?",
    ],
  ])("is refused where nothing reads %s as it is written", async (_, wrong, said) => {
    vi.doMock(CI, () => ({ default: { name: "custom-html", ...wrong } }));
    const refused = await findRecipe("custom-html", "/srv/x").catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "UserErrors" });
    expect(sentence(refused)).toBe(`recipes/custom-html/ci.ts ${said}`);
  });

  test.each<[string, () => object, string]>([
    [
      "breaks",
      () => {
        throw new TypeError("x is undefined");
      },
      "can't be loaded: ",
    ],
    ["exports none", () => ({ default: undefined }), "exports no definition"],
    ["exports something else", () => ({ default: "wiki" }), "exports no definition"],
  ])("is refused where its file %s, by name", async (_, module, said) => {
    vi.doMock(CI, module);
    await expect(findRecipe("custom-html", "/srv/x")).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringMatching(said),
      place: { file: "recipes/custom-html/ci.ts" },
      remedy: expect.any(String),
    });
  });

  test("is refused with every waiver that gives no reason", async () => {
    const waivers = [{ rule: "R004", reason: " " }, { rule: "R002", reason: "a job" }, { rule: "C011" }];
    vi.doMock(CI, () => ({ default: { name: "custom-html", waivers } }));
    const refused = await findRecipe("custom-html", "/srv/x").catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "UserErrors" });
    const file = "recipes/custom-html/ci.ts";
    const remedy = "\n  remedy: say why the finding is accepted";
    expect(sentence(refused)).toBe(
      [
        `${file} waivers[0].reason: the waiver of R004 gives no reason${remedy}`,
        `${file} waivers[2].reason: the waiver of C011 gives no reason${remedy}`,
      ].join("\n"),
    );
  });

  test.each(["", "..", "../custom-html", "a/b", "Custom-Html", "-x", "a".repeat(64), "a\n", "a.b"])(
    "is never looked for under %j",
    async (name) => {
      await expect(findRecipe(name, "/srv/x")).rejects.toMatchObject({ name: "UserError", remedy: expect.any(String) });
    },
  );
});

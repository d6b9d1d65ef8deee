import { describe, expect, test } from "vitest";
import { contextFiles, inputsHash } from "../../images/build-context.ts";
import { type StandInSource, standInFor, standInNames } from "../../images/catalogue.ts";
import { standInLabels, standInOf } from "../../images/stand-in-label.ts";

function source(image: string): StandInSource {
  const found = standInFor(image);
  if (!found) throw new Error(`no source for ${image}`);
  return found;
}

describe("the catalogue of stand-ins", () => {
  test.each(standInNames())(
    "%s has a Dockerfile, a known base and a version that its build insists on",
    async (image) => {
      const how = source(image);
      const dockerfile = (await contextFiles(how.folder)).find((file) => file.name === "Dockerfile");
      expect(dockerfile).toBeDefined();
      if (how.kind === "debian") return;
      if (how.kind === "wheel") {
        const pinned = (await contextFiles(how.folder)).find((file) => file.name === "requirements.txt");
        expect(String(pinned?.content).match(/--hash=sha256:[0-9a-f]{64}/g)).toHaveLength(2);
        expect(String(pinned?.content)).toContain(`==${image.split(":v")[1]}`);
        return;
      }
      expect(standInFor(how.base)?.kind).toBe("debian");
      expect(String(dockerfile?.content)).toMatch(/grep -qF "[^"]*\$\{VERSION\}/);
    },
  );

  test.each(["1.139.2", "1.163.2"])(
    "Synapse %s and all that it needs is pinned by version and hash",
    async (version) => {
      const how = source(`matrixdotorg/synapse:v${version}`);
      if (how.kind !== "dockerfile" || !how.wheels) throw new Error("not of wheels");
      const { requirements } = how.wheels;
      const file = (await contextFiles(how.folder)).find(({ name }) => name === requirements);
      const pins = String(file?.content)
        .split(/^(?=[a-z])/m)
        .slice(1);
      expect(pins.length).toBeGreaterThan(50);
      for (const pin of pins) expect(pin).toMatch(/^[\w.-]+==\S+ \\\n {4}--hash=sha256:[0-9a-f]{64}/);
      expect(String(file?.content)).toContain(`matrix-synapse==${version} `);
      const other = { ...how, wheels: { ...how.wheels, python: "3.11" } };
      expect(await inputsHash(other)).not.toBe(await inputsHash(how));
    },
  );

  test("Miniflux is pinned by its module's hash", () => {
    const { compiled } = source("miniflux/miniflux:2.3.5") as { compiled?: { sum: string } };
    expect(compiled?.sum).toMatch(/^h1:[\w+/]{43}=$/);
  });

  test.each(["1.25.0", "1.26.0"])(
    "Gitea %s is pinned by its module's hash, and by all else that is compiled",
    async (version) => {
      const how = source(`gitea/gitea:${version}-rootless`);
      if (how.kind !== "dockerfile" || !how.compiled) throw new Error("not compiled");
      const { compiled } = how;
      expect(compiled).toMatchObject({ module: "code.gitea.io/gitea", version: `v${version}` });
      expect(compiled.sum).toMatch(/^h1:[\w+/]{43}=$/);
      const others = [
        { ...compiled, sum: "h1:another" },
        { ...compiled, tags: [] },
        { ...compiled, added: {} },
      ];
      const hashes = await Promise.all(others.map((other) => inputsHash({ ...how, compiled: other })));
      expect(new Set([...hashes, await inputsHash(how)]).size).toBe(4);
    },
  );

  test("is found by any way to write the same image, and by no other tag or registry", () => {
    expect(standInFor("docker.io/library/nginx:1.26.3")).toBe(standInFor("nginx:1.26.3"));
    expect(standInFor("nginx:9.9")).toBeUndefined();
    expect(standInFor("ghcr.io/library/nginx:1.26.3")).toBeUndefined();
    expect(standInFor(`nginx:1.26.3@sha256:${"0".repeat(64)}`)).toBeUndefined();
  });

  test("gives a hash that changes with version and base", async () => {
    const nginx = source("nginx:1.26.3");
    if (nginx.kind !== "dockerfile") throw new Error("not a Dockerfile");
    const hash = await inputsHash(nginx);
    expect(await inputsHash({ ...nginx })).toBe(hash);
    expect(await inputsHash({ ...nginx, version: "1.26.4" })).not.toBe(hash);
    expect(await inputsHash({ ...nginx, base: "debian:bookworm-slim" })).not.toBe(hash);
  });

  test("labels tell what a stand-in is and why; other images are none", () => {
    const labels = standInLabels("abc", { builtFrom: "Debian", reason: "no such host" });
    expect(standInOf("x:1", labels)).toEqual({ image: "x:1", builtFrom: "Debian", reason: "no such host" });
    expect(standInOf("x:1", { maintainer: "somebody" })).toBeUndefined();
    expect(standInOf("x:1", null)).toBeUndefined();
  });
});

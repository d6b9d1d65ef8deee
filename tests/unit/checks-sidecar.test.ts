import { expect, test } from "vitest";
import type { SidecarSpec } from "../../checks/sidecar/host.ts";
import { Sidecars, withSidecars } from "../../checks/sidecar/sidecars.ts";
import { sidecarImages } from "../../stacks/prepare-images.ts";
import { appSpec, checkContext, networkSpec } from "../fixtures/spec.ts";

const app = appSpec({ networks: [networkSpec(), networkSpec({ key: "proxy", name: "proxy", external: true })] });
const sidecars = (declared?: Record<string, SidecarSpec>) =>
  new Sidecars(checkContext({ app, sidecarHost: declared && { declared, pinnedImages: {}, networks: {} } }));
const psql = { image: "postgres:16" };

test.each<[string, Record<string, SidecarSpec> | undefined, string, string]>([
  ["that is misspelt", { psql }, "psqll", "did you mean psql?"],
  ["of another name", { psql }, "ldap", "declare it under sidecars; there is psql"],
  ["without any declared", undefined, "psql", "declare it under sidecars"],
  ["that is no entry of its own", { psql }, "toString", "declare it under sidecars; there is psql"],
  ["in a network that is misspelt", { psql: { ...psql, network: "internl" } }, "psql", "did you mean internal?"],
  [
    "in a network that this version lacks",
    { psql: { ...psql, network: "backbone" } },
    "psql",
    "the recipe at 1.0.0+1.0 has internal, proxy",
  ],
])("a sidecar %s is refused before anything starts, and is its author's mistake", (_, declared, name, remedy) => {
  expect(() => sidecars(declared).named(name)).toThrow(
    expect.objectContaining({ owner: "author", message: expect.stringContaining(remedy) }),
  );
});

test.each(["internal", "proxy", undefined])("network %s can be joined", (network) => {
  expect(sidecars({ psql: { ...psql, network } }).named("psql")).toHaveProperty("exec");
});

test("nothing starts for code that has ended", async () => {
  const context = checkContext({ app, sidecarHost: { declared: { psql }, pinnedImages: {}, networks: {} } });
  const kept = await withSidecars(context, async (all) => all.named("psql"));
  await expect(kept.exec(["psql"])).rejects.toMatchObject({ owner: "author" });
});

test("images are wanted of who may ask: the recipe under test, and who signs its users on", () => {
  const definition = { name: "wiki", sidecars: { psql } };
  const signOn = { issuer: () => "", register: async () => {} };
  const place = { file: "recipes/wiki/ci.ts", key: "sidecars.psql.image" };
  const wanted = [{ image: psql.image, usedBy: place }];
  expect(sidecarImages([{ role: "subject", definition }])).toEqual(wanted);
  expect(sidecarImages([{ role: "dependency", definition }])).toEqual([]);
  expect(sidecarImages([{ role: "dependency", definition: { ...definition, signOn } }])).toEqual(wanted);
});

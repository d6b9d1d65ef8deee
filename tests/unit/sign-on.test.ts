import { Configuration } from "openid-client";
import { describe, expect, it } from "vitest";
import { step } from "../../checks/sign-on/said.ts";
import { signOnIn, signOnOf } from "../../checks/sign-on/sign-on.ts";
import { offersNoneOf } from "../../checks/sign-on/tokens.ts";
import type { SettledDefinition } from "../../recipes/settle.ts";
import { namesClientId, withClientIds } from "../../stacks/client-ids.ts";
import { trustNode } from "../../stacks/node-authority.ts";
import { clientsOf, lackingGrants, signOnChecks, signsOnInBrowser } from "../../stacks/sign-on.ts";
import { appSpec, checkContext, serviceSpec } from "../fixtures/spec.ts";

const client = {
  provider: "keycloak",
  client: "secrets",
  issuer: "https://keyc-1.ci.test/realms/secrets",
  redirects: ["https://secr-1.ci.test/back"],
  secretKey: "oidc",
};
const entry = { address: "10.1.2.3", ca: "-----BEGIN" };

describe("the user of a client", () => {
  it("has a password that whoever knows the secret knows, and nobody else", () => {
    const [one, same, other] = ["a", "a", "b"].map((secret) => signOnOf(client, secret).user.password);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect(one?.length).toBeGreaterThan(40);
    expect(signOnOf(client, "a")).not.toHaveProperty("secretKey");
  });
});

describe("a provider that names its clients itself", () => {
  const issued = { ...client, provider: "gitea", idToCome: "id-to-come" };
  const clients = new Map([["secrets", { id: "6b0e", secret: "s" }]]);
  const parents = [{ name: "secrets", signsOn: issued }, { name: "wiki" }];
  const forge = (over: Partial<SettledDefinition["signOn"]> = {}): SettledDefinition => ({
    name: "gitea",
    signOn: {
      issuer: () => "https://x",
      issue: async (_, { recipe }) => ({ id: `id of ${recipe}`, secret: "s" }),
      register: async () => {},
      ...over,
    },
  });

  it("has users of all of them, whose names differ", () => {
    const one = signOnIn(clients, issued, "s");
    expect(one).toMatchObject({ client: "6b0e", user: { name: expect.stringMatching(/^ci-user-\w{8}$/) } });
    const other = signOnOf({ ...issued, client: "wiki" }, "s", "7c1f").user;
    expect([other.name, other.email]).not.toContain(one.user.name);
    expect(other.email).not.toBe(one.user.email);
    expect(signOnIn(clients, client, "s")).toMatchObject({ client: "secrets", user: { name: "ci-user" } });
    expect(() => signOnIn(undefined, issued, "s")).toThrow("the client's id of secrets");
  });

  it("is asked for each of them before anything hangs on the answer, and what it says is kept", async () => {
    const known = new Map();
    const checks = signOnChecks(forge(), [...parents, { name: "db", signsOn: { ...issued, client: "db" } }]);
    expect(checks.map(({ name, issues }) => [name, issues])).toEqual([
      ["install.client-secrets", "secrets"],
      ["install.client-db", "db"],
      ["install.sign-on-secrets", undefined],
      ["install.sign-on-db", undefined],
    ]);
    expect(await checks[0]?.run(checkContext({ clients: known }))).toEqual({ summary: "id of secrets" });
    expect(known.get("secrets")).toEqual({ id: "id of secrets", secret: "s" });
    const [empty] = signOnChecks(forge({ issue: async () => ({ id: "a", secret: "" }) }), parents);
    await expect(empty?.run(checkContext({ clients: known }))).rejects.toMatchObject({ owner: "author" });
  });

  it("says which grants it has not, for each client and with its reason; then a browser is needed", () => {
    const lacking = forge({ lacks: { password: "never had it" } });
    expect(lackingGrants(lacking, parents)).toEqual([
      { name: "install.gitea.sign-on-secrets.password", title: expect.any(String), reason: "never had it" },
    ]);
    expect(
      [lacking, forge(), forge({ lacks: { client_credentials: "no" } })].map((one) => signsOnInBrowser(one, parents)),
    ).toEqual([true, false, false]);
    expect(signsOnInBrowser(lacking, [{ name: "wiki" }])).toBe(false);
    expect(lackingGrants(forge(), parents)).toEqual([]);
  });

  it("is found out where it offers what it is said to lack", () => {
    const config = (grants?: string[]) => ({
      config: new Configuration({ issuer: "https://x", grant_types_supported: grants }, "wiki"),
    });
    const lacks = { password: "never had it" };
    expect(() => offersNoneOf(config(["password", "refresh_token"]), lacks)).toThrow("it offers the grant password");
    expect(() => offersNoneOf(config(["client_credentials"]), lacks)).not.toThrow();
    expect(() => offersNoneOf(config(), lacks)).not.toThrow();
  });

  it("is told by the status of its answer, where that is what was wrong", async () => {
    const answered = new Error("unexpected status", { cause: new Response("", { status: 404 }) });
    const failed = (error: Error) => step("discovery", Promise.reject(error));
    await expect(failed(answered)).rejects.toThrow("discovery: unexpected status: 404");
    await expect(failed(new Error("no", { cause: new Error("key") }))).rejects.toThrow("discovery: no: key");
    await expect(failed(new Error("no"))).rejects.toThrow(/no$/);
  });

  const web = serviceSpec({ key: "web", env: { ID: "the id-to-come" }, labels: { at: "id-to-come" } });
  const app = appSpec({ services: [serviceSpec({ key: "db" }), web] });

  it("has what it gave in all that checks see of the services, as soon as that is known", () => {
    const seen = withClientIds(app, issued, clients);
    expect(seen.services[0]).toBe(app.services[0]);
    expect(seen.services[1]).toEqual({ ...web, env: { ID: "the 6b0e" }, labels: { at: "6b0e" } });
    expect(withClientIds(app, issued, new Map())).toBe(app);
    expect(withClientIds(app, client, clients)).toBe(app);
  });

  it("gives nothing of which something could be named", () => {
    expect(namesClientId(app, "id-to-come")).toBe(false);
    const volume = { key: "data", name: "wiki_id-to-come", external: false, driverOpts: {}, labels: {} };
    expect(namesClientId({ ...app, volumes: [volume] }, "id-to-come")).toBe(true);
    expect(namesClientId({ ...app, services: [{ ...web, image: "x:id-to-come" }] }, "id-to-come")).toBe(true);
  });
});

describe("a provider", () => {
  it("has those as clients that say so", () => {
    const parents = [{ name: "secrets", signsOn: client }, { name: "wiki" }];
    expect(clientsOf("keycloak", parents)).toEqual([client]);
    expect(clientsOf("gitea", parents)).toEqual([]);
  });

  const held = { key: "oidc", name: "wiki_oidc_v1", labels: {}, generate: { enabled: true } };
  const app = appSpec({
    services: [serviceSpec({ key: "db" }), serviceSpec({ key: "web", hosts: ["10.0.0.1 other"], env: { A: "b" } })],
    secrets: [{ ...held, users: [{ service: "web", file: "oidc" }] }],
  });

  it("is reached by the services that hold the secret, and only those are changed", () => {
    const { app: changed, adaptations } = trustNode(app, { signsOn: client }, entry);
    const name = `${app.namespace}_authority`;
    expect(changed.configs.map((config) => [config.name, Buffer.from(config.data, "base64").toString()])).toEqual([
      [name, entry.ca],
    ]);
    expect(changed.services[0]).toBe(app.services[0]);
    expect(changed.services[1]).toMatchObject({
      hosts: ["10.0.0.1 other", "10.1.2.3 keyc-1.ci.test"],
      configs: [{ name, file: "/recipe-ci-authority.pem", mode: 0o444 }],
      env: { A: "b", SSL_CERT_FILE: "/recipe-ci-authority.pem" },
    });
    const change = expect.stringContaining("keyc-1.ci.test is at 10.1.2.3");
    expect(adaptations).toEqual([{ subject: app.services[1]?.name, change, reason: expect.any(String) }]);
  });

  it("changes nothing for who is no client, and on a node without Traefik", () => {
    expect(trustNode(app, {}, entry)).toEqual({ app, adaptations: [] });
    expect(trustNode(app, { signsOn: client }, undefined).app).toBe(app);
  });

  it("is trusted like any other name of the run by the services that say so, which find it by themselves", () => {
    const { app: changed, adaptations } = trustNode(app, { trustsNode: ["db"] }, entry);
    expect(changed.services[1]).toBe(app.services[1]);
    expect(changed.services[0]).toMatchObject({
      configs: [{ name: `${app.namespace}_authority`, file: "/recipe-ci-authority.pem" }],
      env: { NODE_EXTRA_CA_CERTS: "/recipe-ci-authority.pem" },
    });
    expect(changed.services[0]).not.toHaveProperty("hosts");
    const change = expect.stringMatching(/^the node's authority is trusted/);
    expect(adaptations).toEqual([{ subject: app.services[0]?.name, change, reason: expect.stringContaining("ci.ts") }]);
    const both = trustNode(app, { signsOn: client, trustsNode: ["web", "gone"] }, entry);
    expect(both.app).toEqual(trustNode(app, { signsOn: client }, entry).app);
  });
});

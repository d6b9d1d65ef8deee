import { describe, expect, it } from "vitest";
import { signOnOf } from "../../checks/sign-on/sign-on.ts";
import { trustNode } from "../../stacks/node-authority.ts";
import { clientsOf } from "../../stacks/sign-on.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

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

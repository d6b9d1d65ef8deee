import { expect, test } from "vitest";
import { fileSeed } from "../../checks/seeds/file-seed.ts";
import type { NetworkSpec, SecretSpec } from "../../compose/app-spec.ts";
import type { SettledDefinition } from "../../recipes/settle.ts";
import { namesKnown } from "../../stacks/definition-names.ts";
import { refusals } from "../../stacks/refusals.ts";
import { deployment } from "../fixtures/deployment.ts";
import { appSpec, serviceSpec, traefikPort, volumeMount } from "../fixtures/spec.ts";

const network = (key: string, over: Partial<NetworkSpec> = {}): NetworkSpec => ({
  key,
  name: key,
  external: true,
  driverOpts: {},
  internal: false,
  attachable: false,
  labels: {},
  ...over,
});
const secret = (key: string, over: Partial<SecretSpec> = {}): SecretSpec => ({
  key,
  name: `wiki_ci_test_${key}_v1`,
  labels: {},
  version: "v1",
  users: [{ service: "app", file: key }],
  generate: { enabled: true, versionVariable: "SECRET_X_VERSION" },
  ...over,
});

const mounts = [
  volumeMount("wiki_data", "/var/lib/wiki"),
  { type: "bind" as const, source: "/srv/wiki", target: "/srv" },
  { type: "tmpfs" as const, target: "/var/lib/wiki/run" },
];
const head = appSpec({
  services: [serviceSpec({ mounts }), serviceSpec({ key: "db", mounts: [volumeMount("wiki_db", "/rows")] })],
  networks: [network("bone", { name: "backbone" }), network("internal", { external: false })],
  secrets: [secret("smtp"), secret("held", { content: { file: "held.txt", data: "YQ==" } })],
});
const base = appSpec({
  services: [serviceSpec({ key: "old", mounts: [volumeMount("wiki_old", "/old")] })],
  networks: [network("former")],
  secrets: [secret("api_key")],
});

type Definition = Partial<SettledDefinition>;
const said = (definition: Definition, apps = [base, head]) => {
  try {
    namesKnown({ name: "wiki", ...definition }, apps);
    return "";
  } catch (error) {
    expect(error).toMatchObject({ name: "CheckFailure", owner: "author" });
    return (error as Error).message;
  }
};

test.each<[string, Definition]>([
  ["nothing", {}],
  ["external networks of both versions", { provides: { networks: ["backbone", "former"] } }],
  ["secrets of both versions", { secrets: { smtp: "x", api_key: "y" } }],
  [
    "networks of both versions, by their keys",
    { sidecars: { a: { image: "a:1", network: "bone" }, b: { image: "b:1", network: "former" } } },
  ],
  ["a sidecar without a network", { sidecars: { a: { image: "a:1" } } }],
  ["services of both versions", { health: { http: { service: "old" } } }],
  ["services of both versions that trust the node", { trustsNode: ["db", "old"] }],
  ["a service that answers without Traefik", { health: { tcp: { service: "db", port: 5432 } } }],
  ["a file in a volume", { seeds: [fileSeed({ service: "db", path: "/rows/seed" })] }],
  ["a file in a folder of the node", { seeds: [fileSeed({ path: "/srv/seed" })] }],
  ["a seed that says nothing of its place", { seeds: [{ name: "row", write: async () => {}, read: async () => "" }] }],
])("a definition may name %s", (_, definition) => {
  expect(said(definition)).toBe("");
});

test("nothing is named by a client's id that its provider chooses", () => {
  const client = { provider: "gitea", client: "wiki", issuer: "https://x", redirects: [], secretKey: "smtp" };
  const signsOn = { ...client, idToCome: "id-to-come" };
  const named = {
    ...head,
    volumes: [{ key: "v", name: "of-id-to-come", external: false, driverOpts: {}, labels: {} }],
  };
  expect(said({ signsOn }, [base, head])).toBe("");
  expect(said({ signsOn }, [base, named])).toContain("the client's id is part of a name, an image or a mount");
  expect(said({ signsOn: client }, [base, named])).toBe("");
});

const FILE = "recipes/wiki/ci.ts";
test.each<[string, Definition, string, string]>([
  [
    "a network that is misspelt",
    { provides: { networks: ["backbone", "backbnoe"] } },
    `${FILE} provides.networks[1]: no service uses an external network "backbnoe"`,
    "write backbone, if that is meant; the recipe's external networks: backbone, former",
  ],
  [
    "a network by its key instead of its name",
    { provides: { networks: ["bone"] } },
    `${FILE} provides.networks[0]: no service uses an external network "bone"`,
    "write backbone, if that is meant; the recipe's external networks: backbone, former",
  ],
  [
    "a network that the recipe makes itself",
    { provides: { networks: ["internal"] } },
    `${FILE} provides.networks[0]: no service uses an external network "internal"`,
    "use one of the recipe's external networks: backbone, former; or take it out",
  ],
  [
    "a sidecar's network that is misspelt",
    { sidecars: { psql: { image: "postgres:16", network: "intenal" } } },
    `${FILE} sidecars.psql.network: there is no network "intenal"`,
    "write internal, if that is meant; the recipe's networks: bone, former, internal",
  ],
  [
    "a sidecar's network by its name instead of its key",
    { sidecars: { psql: { image: "postgres:16", network: "backbone" } } },
    `${FILE} sidecars.psql.network: there is no network "backbone"`,
    "write bone, if that is meant; the recipe's networks: bone, former, internal",
  ],
  [
    "a secret that is misspelt",
    { secrets: { SMPT: "x" } },
    `${FILE} secrets.SMPT: no service uses a secret "SMPT"`,
    "write smtp, if that is meant; the recipe's secrets: api_key, smtp",
  ],
  [
    "a secret whose value the recipe holds",
    { secrets: { held: "x" } },
    `${FILE} secrets.held: no service uses a secret "held"`,
    "use one of the recipe's secrets: api_key, smtp; or take it out",
  ],
  [
    "a service that is to answer over HTTP",
    { health: { http: { service: "ap" } } },
    `${FILE} health.http.service: there is no service "ap"`,
    "write app, if that is meant; the recipe's services: app, db, old",
  ],
  [
    "a service that is to trust the node",
    { trustsNode: ["db", "ap"] },
    `${FILE} trustsNode[1]: there is no service "ap"`,
    "write app, if that is meant; the recipe's services: app, db, old",
  ],
  [
    "a service that CI changes",
    { overlays: { ap: { image: "x", reason: "y" } } },
    `${FILE} overlays.ap: there is no service "ap"`,
    "write app, if that is meant; the recipe's services: app, db, old",
  ],
  [
    "a service that is to answer over TCP",
    { health: { tcp: { service: "dbx", port: 1 } } },
    `${FILE} health.tcp.service: there is no service "dbx"`,
    "write db, if that is meant; the recipe's services: app, db, old",
  ],
  [
    "the service of a seed",
    { seeds: [fileSeed({ path: "/srv/x" }), fileSeed({ name: "row", service: "dbs", path: "/rows/x" })] },
    `${FILE} seeds[1].service: there is no service "dbs"`,
    "write db, if that is meant; the recipe's services: app, db, old",
  ],
  [
    "a path beside every volume",
    { seeds: [fileSeed({ path: "/var/lib/wikki/seed.txt" })] },
    `${FILE} seeds[0].path: /var/lib/wikki/seed.txt lies in no volume of service "app"`,
    'write /var/lib/wiki, if that is meant; the recipe\'s folders that service "app" keeps: /srv, /var/lib/wiki',
  ],
  [
    "a path in memory",
    { seeds: [fileSeed({ path: "/var/lib/wiki/run/seed" })] },
    `${FILE} seeds[0].path: /var/lib/wiki/run/seed lies in no volume of service "app"`,
    "/var/lib/wiki",
  ],
])("%s is the author's mistake", (_, definition, message, remedy) => {
  const text = said(definition);
  expect(text.split("\n")).toHaveLength(2);
  expect(text).toContain(message);
  expect(text.split("\n")[1]).toContain(remedy);
});

test("all are told at once, and what the recipe has none of is to be taken out", () => {
  const text = said({ provides: { networks: ["a"] }, secrets: { b: "x" } }, [appSpec()]);
  expect(text).toContain("remedy: take it out: the recipe has no external networks");
  expect(text).toContain("remedy: take it out: the recipe has no secrets");
});

test("where no service is named, the one that the labels name answers, else app", () => {
  const health = { http: { path: "/up" } };
  const web = serviceSpec({ key: "web", labels: traefikPort(80) });
  expect(said({ health }, [appSpec({ services: [web] })])).toBe("");
  const unnamed = appSpec({ services: [serviceSpec({ key: "web" })] });
  expect(said({ health }, [unnamed])).toContain('health.http.service: there is no service "app"');
  expect(said({}, [unnamed])).toBe("");
});

test("a plan says it before anything is deployed", () => {
  const definition = { name: "wiki", provides: { networks: ["nowhere"] } };
  const refused = refusals([deployment({ definition, base, head })]);
  expect(refused).toContainEqual({
    check: "prepare.definition",
    error: expect.stringContaining('"nowhere"'),
    owner: "author",
  });
});

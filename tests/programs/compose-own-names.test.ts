import { describe, expect, test } from "vitest";
import { parseEnv } from "../../compose/env/env-file.ts";
import { underDomain } from "../../compose/env/run-env.ts";
import { withOwnNames } from "../../compose/objects/own-names.ts";
import { boundedName } from "../../lib/names.ts";
import { DOMAIN, loadFiles, loadService, NAMESPACE } from "../fixtures/app.ts";

const COMPOSE = `version: "3.8"
services:
  app:
    image: wiki:1.0
    environment: ["URL=\${URL}", "MAIL=\${MAIL}"]
    deploy:
      labels:
        - "traefik.http.routers.x.rule=Host(\`\${DOMAIN}\`\${EXTRA_DOMAINS})"
        - "traefik.http.routers.x.tls.certresolver=\${LETS_ENCRYPT_ENV}"
`;
const SAMPLE = `DOMAIN=wiki.example.org
EXTRA_DOMAINS=', \`www.wiki.example.org\`'
LETS_ENCRYPT_ENV=production
URL=https://\${DOMAIN}/start
MAIL=me@example.org
`;

test("a sample's own domain gives way to the run's, wherever it is", async () => {
  const app = await loadFiles({ ".env.sample": SAMPLE, "compose.yml": COMPOSE });
  expect(app.domain).toBe(DOMAIN);
  expect(app.services[0]).toMatchObject({
    env: { URL: `https://${DOMAIN}/start`, MAIL: "me@example.org" },
    labels: {
      "traefik.http.routers.x.rule": `Host(\`${DOMAIN}\`, \`www.${DOMAIN}\`)`,
      "traefik.http.routers.x.tls.certresolver": "",
    },
  });
  expect(app.warnings).toEqual([]);
});

test.each(["localhost", "", "wiki", "$NOTHING"])(
  "a DOMAIN that is no host name is the run's, too: %j",
  async (value) => {
    const sample = `DOMAIN=${value}\nEXTRA_DOMAINS=\nLETS_ENCRYPT_ENV=\nURL=localhost wiki\nMAIL=m\n`;
    const app = await loadFiles({ ".env.sample": sample, "compose.yml": COMPOSE });
    expect([app.domain, app.services[0]?.env.URL]).toEqual([DOMAIN, "localhost wiki"]);
  },
);

test("a recipe without a DOMAIN gets none", async () => {
  const app = await loadFiles({ ".env.sample": "A=1\n", "compose.yml": "services: {app: {image: wiki:1.0}}\n" });
  expect(app.domain).toBeUndefined();
  expect(Object.keys(app.services[0]?.env ?? {})).not.toContain("LETS_ENCRYPT_ENV");
});

describe.each([
  ["DOMAIN", `a domain of its own: ${DOMAIN}`],
  ["LETS_ENCRYPT_ENV", "what its platform resolves certificates with: none"],
])("%s of a run", (key, own) => {
  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ["abra.sh", { "abra.sh": `export ${key}=prod\n` }, {}, "abra.sh:1"],
    ["the definition", {}, { [key]: "wiki.example.net" }, `recipes/wiki/ci.ts env.${key}`],
  ])("is never that of %s", async (_, files, env, where) => {
    const app = await loadFiles({ ".env.sample": SAMPLE, "compose.yml": COMPOSE, ...files }, env);
    expect(app.domain).toBe(DOMAIN);
    expect(app.services[0]?.labels["traefik.http.routers.x.tls.certresolver"]).toBe("");
    expect(app.warnings).toEqual([`${where}: ${key} is not taken, a run has ${own}`]);
  });
});

test.each([
  ["a.b", "x.a.b a.b/ a.b:1 (a.b) a.b", "x.R R/ R:1 (R) R"],
  ["a.b", "a.b.c xa.b a.bc -a.b a.b- axb", "a.b.c xa.b a.bc -a.b a.b- axb"],
  ["a.b", "the end is a.b.", "the end is R."],
  ["a.b", "$& $1 a.b", "$& $1 R"],
])("the domain %s in %j becomes %j", (own, text, expected) => {
  const { entries } = parseEnv(`DOMAIN=${own}\nT='${text}'\n`);
  expect(underDomain(entries, "R").map(({ value }) => value)).toEqual(["R", expected]);
});

test("of two assignments the one that counts says what the domain is", () => {
  const { entries } = parseEnv("DOMAIN=a.b\nDOMAIN=c.d\nT=a.b c.d\n");
  expect(underDomain(entries, "R").map(({ value }) => value)).toEqual(["a.b", "R", "a.b R"]);
});

describe("what a recipe makes under a fixed name", () => {
  test("has one of the run's own, and the services use that", async () => {
    const app = await loadService(
      "networks: [shared]\nvolumes: [data:/data]\nsecrets: [tok]\nconfigs: [conf]\ncredential_spec: {config: conf}",
      `networks: {shared: {name: backend}}
volumes: {data: {name: wiki-data}}
secrets: {tok: {name: shared_tok_v1, external: true}}
configs: {conf: {name: ${"c".repeat(64)}, file: compose.yml}}
`,
    );
    const own = withOwnNames(app);
    const [service] = own.services;
    const [network, volume] = [`${NAMESPACE}_backend`, `${NAMESPACE}_wiki-data`];
    const config = boundedName(`${NAMESPACE}_${"c".repeat(64)}`, 63);
    const named = (objects: { name: string }[]) => objects.map(({ name }) => name);
    const secret = `${NAMESPACE}_shared_tok_v1`;
    const made = [own.networks, own.volumes, own.secrets, own.configs];
    expect(made.map(named)).toEqual([[network], [volume], [secret], [config]]);
    expect(service?.networks[0]?.name).toBe(network);
    expect(service?.mounts[0]?.source).toBe(volume);
    expect(service?.secrets[0]?.name).toBe(secret);
    expect(service?.configs[0]?.name).toBe(config);
    expect(service?.credentialSpec).toEqual({ config });
    expect(own.warnings.slice(app.warnings.length)).toEqual([
      `networks.shared: the name "backend" is not taken, a run has one of its own: ${network}`,
      `volumes.data: the name "wiki-data" is not taken, a run has one of its own: ${volume}`,
      `secrets.tok: the name "shared_tok_v1" is not taken, a run has one of its own: ${secret}`,
      `configs.conf: the name "${"c".repeat(64)}" is not taken, a run has one of its own: ${config}`,
    ]);
  });

  test("keeps it where it holds the namespace or the domain, or is not the app's to make", async () => {
    const app = await loadFiles({
      "compose.yml": `services:
  app: {image: "wiki:1.0", networks: [proxy], volumes: ["aa:/a", "bb:/b", "cc:/c", "dd:/d", "ee:/e"]}
networks: {proxy: {name: proxy, external: true}}
volumes:
  aa: {name: "\${STACK_NAME}-a"}
  bb: {name: "b-\${DOMAIN}"}
  cc:
  dd: {name: theirs, external: true}
  ee: {name: share, driver: netshare}
`,
    });
    expect(withOwnNames(app)).toBe(app);
  });
});

import { describe, expect, test } from "vitest";
import { AUTHORITY, nameTrouble } from "../../checks/names-of-run.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { ConvergeCause } from "../../swarm/converge/converge-error.ts";
import { appSpec, networkSpec, serviceSpec } from "../fixtures/spec.ts";

const NAME = "wiki-1a2b3c.ci.test";
const entry = { baseDomain: "ci.test", address: "10.1.2.3", port: 443, ca: "", entryPoints: [] };
const cause: ConvergeCause = {
  kind: "exited",
  service: "wiki_ci_test_app",
  message: "task failed (task: non-zero exit (1))",
  owner: "recipe",
  failures: 1,
};
const said = (over: Partial<ConvergeCause>, service: Partial<ServiceSpec> = {}) =>
  nameTrouble({ ...cause, ...over }, { app: appSpec({ services: [serviceSpec(service)] }), entry });

describe("a service that does not know the node's authority", () => {
  test.each([
    ["Go", `Get "https://${NAME}/": tls: failed to verify certificate: x509: certificate signed by unknown authority`],
    [
      "requests",
      `HTTPSConnectionPool(host='${NAME}', port=443): Max retries exceeded (SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1029)'))`,
    ],
    [
      "Node",
      `fetch https://${NAME}/ failed\n  cause: Error: self-signed certificate in certificate chain\n    code: 'SELF_SIGNED_CERT_IN_CHAIN'`,
    ],
    [
      "wget",
      `ERROR: cannot verify ${NAME}'s certificate, issued by 'CN=recipe-ci, authority of one node':\n  Unable to locally verify the issuer's authority.`,
    ],
    ["rustls", `error sending request for url (https://${NAME}/): invalid peer certificate: UnknownIssuer`],
  ])("is told by the words of %s, with its name and what to do", (_, logs) => {
    expect(said({ logs: `starting\n${logs}` })).toEqual({
      owner: "author",
      said: `wiki_ci_test_app refuses the certificate of ${NAME}, which the node's own authority signed\n  remedy: trustsNode: ["app"] in the recipe's ci.ts`,
    });
  });

  const CURL = "curl: (60) SSL certificate problem: unable to get local issuer certificate";

  test.each<[string, Partial<ServiceSpec>]>([
    ["command", { args: ["sh", "-c", "until curl -f https://$DOMAIN/; do sleep 1; done"] }],
    ["health check", { healthcheck: { test: ["CMD-SHELL", `curl -f "https://\${DOMAIN}/health"`] } }],
  ])("is told by its %s where the program does not say whom it asked", (_, service) => {
    const env = { DOMAIN: NAME };
    expect(said({ healthOutput: CURL }, { ...service, env })).toMatchObject({ owner: "author" });
    expect(said({ healthOutput: CURL }, { ...service, env: { DOMAIN: "db" } })).not.toHaveProperty("owner");
  });

  test("is only thought of where it may have asked anybody, such as a database of the recipe's own", () => {
    const far = `asked https://${NAME}/\n1\n2\n3\nconnecting to db: self-signed certificate`;
    for (const logs of [CURL, far])
      expect(said({ logs })).toEqual({
        said: `where it asks for a name of the run: trustsNode: ["app"] in the recipe's ci.ts`,
      });
  });

  test("is told of the file, where it has that", () => {
    const configs = [{ key: AUTHORITY.key, name: "x", file: AUTHORITY.path, uid: "0", gid: "0", mode: 0o444 }];
    expect(said({ logs: `https://${NAME}/: self-signed certificate` }, { configs })?.said).toContain(
      `remedy: tell its program of ${AUTHORITY.path} by env`,
    );
  });

  test("is none where it says nothing of that, and where the node has no Traefik of ours", () => {
    expect(said({ logs: `https://${NAME}/: connection refused` })).toBeUndefined();
    expect(nameTrouble({ ...cause, logs: CURL }, { app: appSpec(), entry: undefined })).toBeUndefined();
  });
});

describe("a service that finds no name of the run", () => {
  const networks = [
    networkSpec({ key: "internal", internal: true }),
    networkSpec({ key: "proxy", name: "proxy", external: true }),
  ];
  const at = (...keys: string[]): Partial<ServiceSpec> => ({
    networks: keys.map((key) => ({ key, name: key, aliases: [] })),
  });
  const found = (logs: string, service: Partial<ServiceSpec>) =>
    nameTrouble({ ...cause, logs }, { app: appSpec({ services: [serviceSpec(service)], networks }), entry });

  test.each([
    ["curl", `curl: (6) Could not resolve host: ${NAME}`],
    ["BusyBox", `wget: bad address '${NAME}'`],
    ["Go", `Get "https://${NAME}/": dial tcp: lookup ${NAME} on 127.0.0.11:53: no such host`],
    ["Node", `Error: getaddrinfo ENOTFOUND ${NAME}`],
    ["requests", `HTTPSConnectionPool(host='${NAME}', port=443): [Errno -2] Name or service not known`],
    ["nginx", `[emerg] host not found in upstream "${NAME}" in /etc/nginx/conf.d/default.conf:4`],
    ["nginx that asks itself", `[error] 7#7: *1 ${NAME} could not be resolved (3: Host not found)`],
    ["libpq", `could not translate host name "${NAME}" to address: Temporary failure`],
    ["MySQL", `ERROR 2005 (HY000): Unknown MySQL server host '${NAME}' (-2)`],
    ["Rust", `${NAME}: failed to lookup address information: Try again`],
    ["a program that did without another name before", `bad address 'metrics'\n1\n2\n3\nbad address '${NAME}'`],
  ])("is the node's business, by the words of %s", (_, logs) => {
    expect(found(logs, at("internal", "proxy"))).toEqual({
      owner: "infra",
      said: expect.stringContaining(
        `asks for ${NAME}, which no name server leads to the node\n  remedy: have one lead`,
      ),
    });
  });

  test("is the recipe's where it is another name, or where no way leads out", () => {
    expect(found("curl: (6) Could not resolve host: bd", at("proxy"))).toBeUndefined();
    expect(found(`curl: (6) Could not resolve host: ${NAME}`, at("internal"))).toBeUndefined();
  });
});

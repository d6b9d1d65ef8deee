import { type AuthorContext, authorContext } from "../checks/author-context.ts";
import { authored } from "../checks/authored.ts";
import type { CheckFunction } from "../checks/check.ts";
import { signOnOf } from "../checks/sign-on/sign-on.ts";
import { givesTokens } from "../checks/sign-on/tokens.ts";
import type { Adaptation } from "../components/adaptation.ts";
import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { present } from "../lib/present.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import type { Entry } from "../swarm/entry/find.ts";
import { check, type Link } from "./plan/planned.ts";

/** The part of a definition that says where a recipe's users sign on. */
export type Signing = Pick<SettledDefinition, "name" | "signsOn">;

/** The clients of a provider among those that need it. */
export function clientsOf(provider: string, parents: readonly Signing[]) {
  return parents.flatMap(({ signsOn }) => (signsOn?.provider === provider ? [signsOn] : []));
}

/** That a provider knows each of its clients, and signs their users on: before those start. */
export function signOnChecks(provider: SettledDefinition, parents: readonly Signing[]): Link[] {
  return clientsOf(provider.name, parents).map((client) => {
    const run: CheckFunction = async (context) => {
      const secret = present(context.clientSecrets?.get(client.client), `the client's secret of ${client.client}`);
      const signOn = signOnOf(client, secret);
      const register = present(provider.signOn, `signOn of ${provider.name}`).register;
      const own: AuthorContext = authorContext(context);
      await authored(`signOn of ${provider.name}`, context.signal, () => register(own, signOn));
      return givesTokens(context, signOn);
    };
    const title = `${client.client} is a client, and its user gets tokens`;
    return check(`install.sign-on-${client.client}`, title, run);
  });
}

const AUTHORITY = { key: "recipe-ci-authority", path: "/recipe-ci-authority.pem" };
/** By which OpenSSL, Node, and Python's requests are told of an authority. */
const VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"];

/**
 * The services that hold a client's secret reach the provider as they would on the open internet: by its public name,
 * at the node's Traefik, and with trust in the node's authority.
 */
export function reachProvider(
  app: AppSpec,
  { signsOn }: Signing,
  entry: Pick<Entry, "address" | "ca"> | undefined,
): { app: AppSpec; adaptations: Adaptation[] } {
  if (!signsOn || !entry) return { app, adaptations: [] };
  const { users = [] } = app.secrets.find(({ key }) => key === signsOn.secretKey) ?? {};
  const names = users.map(({ service }) => service);
  const host = new URL(signsOn.issuer).hostname;
  const name = `${app.namespace}_authority`;
  const file = { key: AUTHORITY.key, name, file: AUTHORITY.path, uid: "0", gid: "0", mode: 0o444 };
  const changed = (service: ServiceSpec): ServiceSpec => ({
    ...service,
    hosts: [...(service.hosts ?? []), `${entry.address} ${host}`],
    configs: [...service.configs, file],
    env: { ...Object.fromEntries(VARIABLES.map((one) => [one, AUTHORITY.path])), ...service.env },
  });
  const labels = { "com.docker.stack.namespace": app.namespace };
  const data = Buffer.from(entry.ca).toString("base64");
  const config = { key: AUTHORITY.key, name, external: false, labels, data };
  const touched = app.services.filter((one) => names.includes(one.key) || names.includes(one.name));
  if (touched.length === 0) return { app, adaptations: [] };
  return {
    app: {
      ...app,
      services: app.services.map((one) => (touched.includes(one) ? changed(one) : one)),
      configs: [...app.configs, config].sort((a, b) => a.key.localeCompare(b.key)),
    },
    adaptations: touched.map((one) => ({
      subject: one.name,
      change: `${host} is at ${entry.address}, and the node's authority is trusted (${VARIABLES.join(", ")})`,
      reason: "no name server has the names of a run, and nobody else signs its certificates",
    })),
  };
}

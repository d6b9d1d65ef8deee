import { AUTHORITY, AUTHORITY_VARIABLES } from "../checks/names-of-run.ts";
import type { Adaptation } from "../components/adaptation.ts";
import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import type { Entry } from "../swarm/entry/find.ts";

/**
 * The services that ask for names of the run and look at certificates do so as on the open internet, with trust in the
 * node's authority: those that its definition names, and those that hold a client's secret. These have the provider's
 * name at the node's Traefik as well, where no name server has it.
 */
export function trustNode(
  app: AppSpec,
  { signsOn, trustsNode = [] }: Pick<SettledDefinition, "signsOn" | "trustsNode">,
  entry: Pick<Entry, "address" | "ca"> | undefined,
): { app: AppSpec; adaptations: Adaptation[] } {
  if (!entry) return { app, adaptations: [] };
  const { users = [] } = app.secrets.find(({ key }) => key === signsOn?.secretKey) ?? {};
  const holders = users.map(({ service }) => service);
  const host = signsOn && new URL(signsOn.issuer).hostname;
  const isClient = (one: ServiceSpec) =>
    host !== undefined && (holders.includes(one.key) || holders.includes(one.name));
  const touched = app.services.filter((one) => isClient(one) || trustsNode.includes(one.key));
  if (touched.length === 0) return { app, adaptations: [] };

  const name = `${app.namespace}_authority`;
  const file = { key: AUTHORITY.key, name, file: AUTHORITY.path, uid: "0", gid: "0", mode: 0o444 };
  const changed = (service: ServiceSpec): ServiceSpec => ({
    ...service,
    ...(isClient(service) && { hosts: [...(service.hosts ?? []), `${entry.address} ${host}`] }),
    configs: [...service.configs, file],
    env: { ...Object.fromEntries(AUTHORITY_VARIABLES.map((one) => [one, AUTHORITY.path])), ...service.env },
  });
  const labels = { "com.docker.stack.namespace": app.namespace };
  const data = Buffer.from(entry.ca).toString("base64");
  const config = { key: AUTHORITY.key, name, external: false, labels, data };
  const trusts = `the node's authority is trusted (${AUTHORITY_VARIABLES.join(", ")})`;
  return {
    app: {
      ...app,
      services: app.services.map((one) => (touched.includes(one) ? changed(one) : one)),
      configs: [...app.configs, config].sort((a, b) => a.key.localeCompare(b.key)),
    },
    adaptations: touched.map((one) => ({
      subject: one.name,
      change: isClient(one) ? `${host} is at ${entry.address}, and ${trusts}` : trusts,
      reason: isClient(one)
        ? "no name server has the names of a run, and nobody else signs its certificates"
        : "nobody else signs the certificates of a run's names, and its ci.ts says that it asks for them",
    })),
  };
}

import { ENTRY_LABELS, type EntryPoint, TRAEFIK_INTERNAL, TRAEFIK_SERVICE } from "../../swarm/entry/labels.ts";

/** A Traefik as a node has it. */
export interface TraefikPlan {
  /** Reference of its image, pinned where it can be. */
  image: string;
  /** Domain whose names, one label deep, lead to it, such as `ci.test`. */
  baseDomain: string;
  /** Address at which its entry points are reached from outside of the node. */
  address: string;
  /** Ports that it publishes on the node, beside `web` and `web-secure`. */
  entryPoints: readonly EntryPoint[];
  /** Ports of `web` and `web-secure` on the node. 0: the engine chooses. */
  ports: { web: number; webSecure: number };
  /** Without IPVS there is no mesh that publishes: ports open on the node itself. */
  ipvs: boolean;
  /** Labels of all its objects beside those that say what it is. */
  labels: Readonly<Record<string, string>>;
}

/** Ids and names of what it reads. */
export interface TraefikFiles<Id> {
  network: Id;
  key: { id: Id; name: Id };
  chain: { id: Id; name: Id };
  rules: { id: Id; name: Id };
}

const PROGRAM = "/usr/local/bin/traefik";
const KEY_FILE = "/run/secrets/certificate.key";
const CHAIN_FILE = "/etc/traefik/certificate.pem";
const RULES_FILE = "/etc/traefik/rules/certificates.yml";
const SECOND = 1_000_000_000;

/**
 * Command line of Traefik, as operators of Co-op Cloud have it, but for two things: there are no resolvers of
 * certificates, and it looks at the Swarm every second.
 */
export function traefikArgs({ entryPoints }: Pick<TraefikPlan, "entryPoints">): string[] {
  return [
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
    "--log.level=INFO",
    "--log.format=json",
    "--api=true",
    // On the entry point `traefik` alone, which is the container's own loopback.
    "--api.insecure=true",
    "--api.dashboard=false",
    "--ping=true",
    `--entrypoints.traefik.address=${TRAEFIK_INTERNAL}`,
    "--entrypoints.web.address=:80",
    "--entrypoints.web.http.redirections.entrypoint.to=web-secure",
    "--entrypoints.web.http.redirections.entrypoint.scheme=https",
    "--entrypoints.web-secure.address=:443",
    // With one certificate for all names a router need not ask for TLS itself; lint tells of one that does not.
    "--entrypoints.web-secure.http.tls=true",
    ...entryPoints.map(({ name, port, protocol }) => `--entrypoints.${name}.address=:${port}/${protocol}`),
    "--providers.swarm.endpoint=unix:///var/run/docker.sock",
    "--providers.swarm.exposedbydefault=false",
    "--providers.swarm.network=proxy",
    "--providers.swarm.refreshseconds=1",
    "--providers.providersthrottleduration=100ms",
    `--providers.file.filename=${RULES_FILE}`,
    "--providers.file.watch=false",
  ];
}

/**
 * What its file provider reads: the certificate that is chosen by the name that is asked for, and no default one; and
 * the middleware that the Traefik of Co-op Cloud has for all recipes, `security@file`.
 */
export function traefikRules(): string {
  const security = {
    frameDeny: true,
    browserXssFilter: true,
    contentTypeNosniff: true,
    stsIncludeSubdomains: true,
    stsPreload: true,
    stsSeconds: 31_536_000,
  };
  const rules = {
    http: { middlewares: { security: { headers: security } } },
    tls: { certificates: [{ certFile: CHAIN_FILE, keyFile: KEY_FILE }] },
  };
  return `${JSON.stringify(rules, null, 2)}\n`;
}

/** Labels of its service, by which whoever reaches the Swarm finds the way in. */
export function traefikLabels({ baseDomain, address, entryPoints, labels }: TraefikPlan): Record<string, string> {
  return {
    ...labels,
    [ENTRY_LABELS.platform]: "traefik",
    [ENTRY_LABELS.baseDomain]: baseDomain,
    [ENTRY_LABELS.address]: address,
    [ENTRY_LABELS.entryPoints]: entryPoints.map(({ name, port, protocol }) => `${name}=${port}/${protocol}`).join(","),
  };
}

/** The service as the Engine API takes it. */
export function traefikService<Id>(plan: TraefikPlan, files: TraefikFiles<Id>) {
  return {
    Name: TRAEFIK_SERVICE,
    Labels: traefikLabels(plan),
    TaskTemplate: {
      ContainerSpec: {
        Image: plan.image,
        Labels: { ...plan.labels, [ENTRY_LABELS.platform]: "traefik" },
        Args: traefikArgs(plan),
        ReadOnly: true,
        CapabilityDrop: ["ALL"],
        CapabilityAdd: ["CAP_NET_BIND_SERVICE"],
        Mounts: [{ Type: "bind", Source: "/var/run/docker.sock", Target: "/var/run/docker.sock", ReadOnly: true }],
        StopGracePeriod: 10 * SECOND,
        Healthcheck: {
          Test: ["CMD", PROGRAM, "healthcheck", "--ping=true", `--entrypoints.traefik.address=${TRAEFIK_INTERNAL}`],
          Interval: 30 * SECOND,
          Timeout: 5 * SECOND,
          StartPeriod: 20 * SECOND,
          StartInterval: SECOND / 2,
          Retries: 3,
        },
        Secrets: [file("Secret", files.key, KEY_FILE, 0o400)],
        Configs: [file("Config", files.chain, CHAIN_FILE, 0o444), file("Config", files.rules, RULES_FILE, 0o444)],
      },
      RestartPolicy: { Condition: "any", Delay: SECOND, MaxAttempts: 0 },
      // Only a manager tells what there is in a Swarm.
      Placement: { Constraints: ["node.role==manager"] },
      Networks: [{ Target: files.network }],
    },
    Mode: { Replicated: { Replicas: 1 } },
    UpdateConfig: { Parallelism: 1, Monitor: 2 * SECOND, FailureAction: "rollback", Order: updateOrder(plan) },
    RollbackConfig: { Parallelism: 1, Monitor: 2 * SECOND, FailureAction: "pause", Order: updateOrder(plan) },
    EndpointSpec: { Mode: plan.ipvs ? "vip" : "dnsrr", Ports: portsOf(plan) },
  };
}

/** How a new Traefik takes the place of the one before, for a person. */
export function replacement(plan: Pick<TraefikPlan, "ipvs">): string {
  return plan.ipvs
    ? "replaced without a gap: the new one starts before the old one stops"
    : "replaced with a gap of a second or two: without IPVS its ports are the node's own, which two can't hold at once";
}

function updateOrder({ ipvs }: TraefikPlan): "start-first" | "stop-first" {
  return ipvs ? "start-first" : "stop-first";
}

function portsOf({ ports, entryPoints, ipvs }: TraefikPlan) {
  const all = [
    { target: 80, published: ports.web, protocol: "tcp" },
    { target: 443, published: ports.webSecure, protocol: "tcp" },
    ...entryPoints.map(({ port, protocol }) => ({ target: port, published: port, protocol })),
  ];
  return all.map(({ target, published, protocol }) => ({
    Protocol: protocol,
    TargetPort: target,
    ...(published > 0 && { PublishedPort: published }),
    PublishMode: ipvs ? "ingress" : "host",
  }));
}

function file<Id>(kind: "Secret" | "Config", { id, name }: { id: Id; name: Id }, path: string, Mode: number) {
  return { [`${kind}ID`]: id, [`${kind}Name`]: name, File: { Name: path, UID: "0", GID: "0", Mode } };
}

import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { GeneratedSecret } from "../../components/generated-secret.ts";
import { Guard } from "../../components/guard.ts";
import { FIRST_HOST, HetznerNode } from "../../components/hetzner-node.ts";
import type { ServerOrder, ServerRole } from "../../components/hetzner-server.ts";
import { home } from "../../lib/home.ts";
import { present } from "../../lib/present.ts";
import { hostAddress } from "../../machine/network/subnet.ts";
import { HUB } from "../../machine/rootfs/pull-cache.ts";
import { refusePlain } from "../../pulumi/stack-file.ts";
import type { NodeOutputs } from "../node.ts";
import { platform } from "../platform.ts";
import { baseDomainOf, entryPoints } from "../platform-settings.ts";
import type { ApiAccess } from "./api.ts";
import { certificateWords, nodeCertificate } from "./certificate.ts";
import { checkToken } from "./check-token.ts";
import { checkZone } from "./check-zone.ts";
import { type Choice, chooseServers } from "./choose-servers.ts";
import { type CloudInitOptions, cloudInit } from "./cloud-init.ts";
import { costLine, costOf } from "./cost.ts";
import { hostPart } from "./host-part.ts";
import { ID_LABEL, nodeLabels } from "./labels.ts";
import { onMishap } from "./mishaps.ts";
import { type Prices, pricesNow } from "./prices.ts";
import { CACHE_PORT } from "./pull-cache.ts";
import { admit } from "./server-access.ts";
import { type HetznerSettings, hetznerSettings } from "./settings.ts";
import { newSshKey, type SshKeyPair } from "./ssh-keys.ts";

const PROGRAM = "nodes/hetzner/main.ts";

/**
 * A Swarm at Hetzner. Config: see `settings.ts`. What the API offers is asked for before anything is made.
 *
 * @throws UserErrors for settings that can't be, a token that opens nothing, and servers that nobody can have
 */
export async function hetznerProgram(config: pulumi.Config): Promise<NodeOutputs> {
  const settings = await hetznerSettings({ get: (key) => pulumi.runtime.allConfig()[`${config.name}:${key}`] });
  const stack = pulumi.getStack();
  refusePlain(stack, "token");
  const { endpoint, token } = settings;
  const access: ApiAccess = { endpoint, token };
  await checkToken(access);
  if (settings.zone !== undefined) await checkZone(access, settings.zone);
  const { zone } = settings;
  const baseDomain = baseDomainOf(stack, { node: "hetzner", baseDomain: config.get("baseDomain"), zone });
  const { id, begun, expiresAt } = identity(settings.ttlHours);
  const name = pulumi.interpolate`${hostPart(stack)}-${id}`;
  const workers = Array.from({ length: settings.workers }, (_, index) => index + 1);
  const choice = await chooseServers(access, settings, stack, name);

  // Its labels tell the guard what is ours, so it goes after it.
  new Guard(
    "node-guard",
    {
      program: [PROGRAM, `--stack=${stack}`, pulumi.interpolate`--id=${id}`, `--endpoint=${endpoint}`],
      begin: "begin",
      end: "end",
      environment: { RECIPE_CI_HOME: home(), HCLOUD_TOKEN: pulumi.secret(token) },
    },
    { protect: settings.protect },
  ).protectAll(settings.protect);
  const [clientKey, hostKey] = [keyPair("client-key"), keyPair("host-key")];
  const domain = zone === undefined ? undefined : { zone, name: hostPart(stack) };
  const labels = pulumi
    .all([id, expiresAt])
    .apply(([own, end]) => ({ ...nodeLabels(stack, asDate(end)), [ID_LABEL]: own }));
  const { acme } = settings;
  const certificate =
    acme && zone && nodeCertificate({ ...acme, access, zone, domain: baseDomain, labels, begun, program: PROGRAM });
  const node = new HetznerNode("node", {
    ...settings,
    entryPoints: entryPoints(config.get("entryPoints")),
    name,
    labels,
    networkZone: choice.networkZone,
    orders: [orderAt(choice, 0), ...workers.map((number) => orderAt(choice, number))],
    publicKey: pulumi.unsecret(clientKey.apply((key) => key.public)),
    userData: (role, volume) =>
      pulumi
        .all([hostKey, volume])
        .apply(([key, number]) =>
          cloudInit({ docker: settings.docker, hostKey: key, volume: number, ...pulls(settings, role) }),
        ),
    domain,
    token: pulumi.secret(token),
    program: PROGRAM,
    onError: onMishap(stack),
    admit: (address, role) => reachable(stack, address, role, clientKey, hostKey),
  });
  const { dockerHost, address, engineVersion, capabilities, swarm } = node;
  const { told: traefik } = platform(config, {
    ...{ dockerHost, address, baseDomain, swarm: swarm.id, after: [swarm] },
    ipvs: capabilities.apply(({ ipvs }) => ipvs),
    ...(certificate && {
      certificate: {
        certificate: certificate.apply((one) => one.certificate),
        key: certificate.apply((one) => one.key),
        authority: certificate.apply((one) => one.authority),
      },
    }),
  });
  const others = settings.workers > 0 && { workers: node.workers };
  const known = { socket: dockerHost, address, engineVersion, capabilities, traefik, ...others };
  const told = { price: priceOf(settings, choice, await pricesNow(access)), endOfLife: expiresAt.apply(endWords) };
  const shown =
    certificate && pulumi.unsecret(certificate.apply((one) => certificateWords(one, acme?.directory ?? "")));
  return {
    ...known,
    ...(shown && { certificate: shown }),
    ...(domain && { domain: `${domain.name}.${domain.zone}` }),
    ...told,
  };
}

/** Where a server's Docker asks first: the cache of the first one, where there is to be one. */
function pulls(
  { network, mirror, cache }: HetznerSettings,
  role: ServerRole,
): Pick<CloudInitOptions, "mirror" | "cacheOf"> {
  if (!cache) return { mirror };
  const own = `http://${hostAddress(network, FIRST_HOST)}:${CACHE_PORT}`;
  return { mirror: own, cacheOf: role === "manager" ? (mirror ?? HUB) : undefined };
}

/** For people: what it costs, by what a new order costs. */
function priceOf(settings: HetznerSettings, choice: pulumi.Output<Choice>, prices: Prices): pulumi.Output<string> {
  return choice.apply(({ orders }) => {
    const isKnown = orders.every(({ serverType, location }) => prices.server(serverType, location));
    return isKnown ? costLine(costOf({ ...settings, orders }, prices)) : "not told by Hetzner";
  });
}

/** The manager's order is the first, a worker's that of its number. */
function orderAt(choice: pulumi.Output<Choice>, index: number): ServerOrder {
  const order = choice.apply(({ orders }) => present(orders[index], "an order for each server"));
  return { serverType: order.serverType, location: order.location };
}

function asDate(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function endWords(end: string | undefined): string {
  if (end === undefined) return "when it is destroyed";
  return `${end}, by recipe-ci reap --expired, if it is not destroyed before`;
}

/**
 * What tells this node from any other, and when it may be taken away: said once, and kept in the state. The time as a
 * text: an Output takes a Date for an object of which it looks at each part.
 */
function identity(ttlHours: number | undefined): {
  id: pulumi.Output<string>;
  /** Since when it is there, ISO 8601. */
  begun: pulumi.Output<string>;
  expiresAt: pulumi.Output<string | undefined>;
} {
  const input = { id: randomBytes(4).toString("hex"), begun: new Date().toISOString() };
  const kept = new pulumi.Stash("identity", { input }, { ignoreChanges: ["input"] }).output as pulumi.Output<
    typeof input
  >;
  const end = ({ begun }: typeof input) =>
    ttlHours === undefined ? undefined : new Date(Date.parse(begun) + ttlHours * 3_600_000).toISOString();
  return { id: kept.apply(({ id }) => id), begun: kept.apply(({ begun }) => begun), expiresAt: kept.apply(end) };
}

function keyPair(name: string): pulumi.Output<SshKeyPair> {
  const { value } = new GeneratedSecret(name, () => JSON.stringify(newSshKey()));
  return value.apply((text) => JSON.parse(text) as SshKeyPair);
}

/** The address of a server, once ssh knows its key and has ours. */
function reachable(
  stack: string,
  at: pulumi.Output<string>,
  role: "manager" | "worker",
  clientKey: pulumi.Output<SshKeyPair>,
  hostKey: pulumi.Output<SshKeyPair>,
): pulumi.Output<string> {
  const told = pulumi.all([at, clientKey, hostKey]).apply(async ([address, client, host]) => {
    if (!pulumi.runtime.isDryRun())
      await admit({ stack, role, address, privateKey: client.private, hostKey: host.public });
    return address;
  });
  return pulumi.unsecret(told);
}

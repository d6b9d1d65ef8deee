import { isNetwork, shareAddresses } from "../../lib/cidr.ts";
import { togetherBy } from "../../lib/errors.ts";
import { parseSubnet } from "../../machine/network/subnet.ts";
import { registryAddress } from "../registry-address.ts";
import { type AcmeSettings, acmeSettings } from "./acme-settings.ts";
import { BRIDGE_POOL, OVERLAY_POOL } from "./address-plan.ts";
import { ENDPOINT } from "./api.ts";
import type { DockerSource } from "./docker-packages.ts";
import { choice, flag, list, mistake, type StackConfig, wholeNumber } from "./setting-values.ts";

/** What a stack's settings say of a node at Hetzner. */
export interface HetznerSettings {
  /** Opens the project at Hetzner to whoever has it. */
  token: string;
  /** Address of the API: a proxy's, or a look-alike's. */
  endpoint: string;
  /** In the order in which they are tried; so are the types, in each location. */
  locations: readonly string[];
  serverTypes: readonly string[];
  image: string;
  docker: DockerSource;
  /** Servers beside the first one. */
  workers: number;
  /** Domain whose records are kept at Hetzner. */
  zone: string | undefined;
  /** Who gives it its certificate. Undefined: an authority of its own. */
  acme: AcmeSettings | undefined;
  /** Networks that may connect by ssh. */
  sshFrom: readonly string[];
  /** Hours after which the reaper may take it away. */
  ttlHours: number | undefined;
  /** Whether Hetzner refuses to delete it. */
  protect: boolean;
  /** GB of a volume for Docker's data. */
  volumeGB: number | undefined;
  /** Addresses of the private network. */
  network: string;
  /** `http(s)://host:port` of a registry that Docker asks first. */
  mirror: string | undefined;
  /** Whether the first server keeps what is pulled, for all of them. */
  cache: boolean;
}

/** Letters and digits of a token. */
const TOKEN_LENGTH = 64;
/** A placement group has ten servers at most, and the node itself is one. */
const MOST_WORKERS = 9;
const VOLUME_GB = { least: 10, most: 10_240 };
/** Networks that one rule of a firewall has at most. */
const MOST_NETWORKS = 100;
const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24 };
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Debian's Docker has its command line in a package of its own since this image. */
const IMAGE_OF_DEBIAN_DOCKER = "debian-13";

/**
 * Reads the settings. Only the token is asked for; it may be in `HCLOUD_TOKEN` as well.
 *
 * @throws UserErrors with all that can't be
 */
export async function hetznerSettings(
  config: StackConfig,
  env: NodeJS.ProcessEnv = process.env,
): Promise<HetznerSettings> {
  const token = () => tokenOf(config.get("token") ?? env.HCLOUD_TOKEN);
  return { image: imageOf(config), ...(await togetherBy({ token, ...partsOf(config, env) })) };
}

/** The settings of who has no token yet, or none here. @throws UserErrors with all that can't be */
export async function settingsWithoutToken(
  config: StackConfig,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Omit<HetznerSettings, "token">> {
  return { image: imageOf(config), ...(await togetherBy(partsOf(config, env))) };
}

function partsOf(config: StackConfig, env: NodeJS.ProcessEnv) {
  return {
    endpoint: () => endpointOf(config.get("endpoint") ?? env.HCLOUD_ENDPOINT ?? ENDPOINT),
    locations: () => list("locations", config.get("locations") ?? "nbg1, fsn1, hel1", /^[a-z]{3}\d?$/, "fsn1"),
    serverTypes: () => list("serverTypes", config.get("serverTypes") ?? "cx33, cpx32, cx43", /^[a-z]+\d+$/, "cx33"),
    docker: () => dockerOf(config.get("docker"), imageOf(config)),
    workers: () => wholeNumber("workers", config.get("workers") ?? "0", { least: 0, most: MOST_WORKERS }),
    zone: () => zoneOf(config.get("zone")),
    acme: () => acmeSettings(config),
    sshFrom: () => networksOf(config.get("sshFrom") ?? "0.0.0.0/0, ::/0"),
    ttlHours: () => hoursOf(config.get("ttl")),
    protect: () => flag("protect", config.get("protect")),
    volumeGB: () => volumeOf(config.get("volume")),
    mirror: () => registryAddress("mirror", config.get("mirror")),
    cache: () => flag("cache", config.get("cache")),
    network: () => networkOf(config.get("network") ?? "10.0.0.0/16"),
  };
}

function imageOf(config: StackConfig): string {
  return config.get("image") ?? IMAGE_OF_DEBIAN_DOCKER;
}

/** Never says what it is, only what is wrong with it. */
function tokenOf(token: string | undefined): string {
  const remedy = "npx recipe-ci pulumi config set --secret token, with a token that may read and write";
  if (!token) throw mistake("token", "is not set, and neither is HCLOUD_TOKEN", remedy);
  if (/^[A-Za-z0-9]+$/.test(token) && token.length === TOKEN_LENGTH) return token;
  throw mistake(
    "token",
    `is no token: one has ${TOKEN_LENGTH} letters and digits, and this has ${token.length} characters`,
    remedy,
  );
}

function endpointOf(text: string): string {
  const { protocol, username, search, hash } = URL.canParse(text) ? new URL(text) : new URL("none:");
  if (/^https?:$/.test(protocol) && !username && !search && !hash) return text.replace(/\/+$/, "");
  throw mistake("endpoint", `"${text}" is no address of an API`, `leave it out, or give one such as ${ENDPOINT}`);
}

function dockerOf(text: string | undefined, image: string): DockerSource {
  const docker = choice("docker", text ?? "official", ["official", "debian"] as const);
  if (docker === "official" || image === IMAGE_OF_DEBIAN_DOCKER) return docker;
  throw mistake(
    "docker",
    `Debian's Docker needs the image ${IMAGE_OF_DEBIAN_DOCKER}, and image is ${image}`,
    "set docker to official",
  );
}

function zoneOf(zone: string | undefined): string | undefined {
  if (zone === undefined || /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(zone))
    return zone;
  throw mistake("zone", `"${zone}" is no domain`, "name one as it was registered, in lower case: example.org");
}

function networksOf(text: string): readonly string[] {
  const networks = text.split(",").map((one) => one.trim());
  const wrong = networks.find((one) => !isNetwork(one));
  const remedy = "separate networks by commas: 198.51.100.7/32, 2001:db8::/48";
  if (wrong !== undefined) throw mistake("sshFrom", `"${wrong}" is no network`, remedy);
  if (networks.length > MOST_NETWORKS) throw mistake("sshFrom", `has more than ${MOST_NETWORKS} networks`, remedy);
  return networks;
}

function hoursOf(ttl: string | undefined): number | undefined {
  if (ttl === undefined) return undefined;
  const [, amount = "", unit = ""] = /^([1-9]\d{0,3}) ?([hd])$/.exec(ttl) ?? [];
  const factor = HOURS[unit];
  if (factor === undefined) throw mistake("ttl", `"${ttl}" is no time`, "give hours or days: 12 h, 7 d");
  return Number(amount) * factor;
}

function volumeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber("volume", text, VOLUME_GB);
}

function networkOf(text: string): string {
  const remedy = "give a private one of 256 to 65,536 addresses, such as 10.0.0.0/16";
  const subnet = text.includes("/") ? parseSubnet(text) : undefined;
  if (!subnet || subnet.bits < 16 || subnet.bits > 24) throw mistake("network", `"${text}" is no such network`, remedy);
  const meets = (other: string) => shareAddresses(text, other);
  if (!PRIVATE.some(meets)) throw mistake("network", `${text} is not private`, remedy);
  for (const [pool, whose] of [
    [BRIDGE_POOL, "Docker's bridges"],
    [OVERLAY_POOL, "Swarm's overlay networks"],
  ] as const)
    if (meets(pool.base)) throw mistake("network", `${text} is where ${whose} are: ${pool.base}`, remedy);
  return text;
}

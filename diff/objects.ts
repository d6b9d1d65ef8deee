import type { AppSpec, NetworkSpec, SecretSpec, VolumeSpec } from "../compose/app-spec.ts";
import { shareAddresses } from "../lib/cidr.ts";
import { shortHash } from "../lib/names.ts";
import type { Change, ChangeArea } from "./change.ts";
import { compareFields, fieldsOf, type Remark } from "./fields.ts";

/** What changes about the secrets an operator must have. */
export function secretChanges(base: AppSpec, head: AppSpec): Change[] {
  const told = (app: AppSpec) => app.secrets.map((secret) => toldOnce(secret, app));
  return objectChanges("secret", told(base), told(head), {
    added: (secret) =>
      secret.content
        ? { note: "docker stack deploy makes it from its file" }
        : { severity: "warning", note: `abra deploys only once it is there: ${howMade(secret)}` },
    removed: () => ({ note: "its value stays on the Swarm until an operator removes it" }),
    changed: (path, secret, old) => {
      if (path === "content.data") return secret.content && secret.name === old.name ? CONTENT_REFUSED : {};
      if (path.startsWith("generate.")) return { note: "counts for values made from now on" };
      if (path !== "name" || secret.content) return {};
      return { severity: "warning", note: `abra deploys only once the new one is there: ${howMade(secret)}` };
    },
  });
}

const CONTENT_REFUSED: Remark = {
  severity: "error",
  note: 'Swarm refuses new content under an old name ("only updates to Labels are allowed"): give it another name.',
};

/** The version is told with the name, the users with their services; of content only that it differs. */
function toldOnce({ content, users, version, ...rest }: SecretSpec, { services }: AppSpec) {
  const known = services.flatMap(({ key, secrets }) =>
    secrets.filter(({ name }) => name === rest.name).map(({ file }) => ({ service: key, file })),
  );
  return {
    ...rest,
    version: version !== undefined && rest.name.endsWith(`_${version}`) ? undefined : version,
    users: JSON.stringify(known) === JSON.stringify(users) ? undefined : users,
    content: content && { ...content, data: shortHash([content.data]) },
  };
}

function howMade({ generate }: Pick<SecretSpec, "generate">): string {
  return generate.enabled
    ? "operators run abra app secret generate first"
    : "operators run abra app secret insert first";
}

/** What changes about the volumes, and which data is left behind by it. */
export function volumeChanges(base: AppSpec, head: AppSpec): Change[] {
  const has = (app: AppSpec, name: string) => app.volumes.some((volume) => volume.name === name);
  return objectChanges<VolumeSpec>("volume", base.volumes, head.volumes, {
    added: ({ name, external }) => {
      if (has(base, name)) return { note: "the volume that was there under another key" };
      return external ? { severity: "warning", note: "operators must make it first" } : {};
    },
    removed: ({ name }) =>
      has(head, name)
        ? { note: "goes on under another key" }
        : { severity: "warning", note: `data left behind: volume ${name} stays on the node, and nothing mounts it` },
    changed: (path, volume, old) => {
      if (path === "name" && has(base, volume.name)) return { note: "a volume that was there before" };
      if (path === "name") {
        return { severity: "warning", note: `starts empty; data left behind: volume ${old.name} stays on the node` };
      }
      if (path === "external" && volume.external) return { severity: "warning", note: "operators must make it first" };
      return { severity: path.startsWith("labels") ? "info" : "warning", note: "a volume that exists stays as it is" };
    },
  });
}

/** What changes about the networks. */
export function networkChanges(base: AppSpec, head: AppSpec): Change[] {
  const existing = "docker stack deploy leaves a network that exists as it is";
  return objectChanges<NetworkSpec>("network", base.networks, head.networks, {
    added: (network) => {
      if (network.external) return { severity: "warning", note: "operators must make it first" };
      return takenByOld(network, base) ?? {};
    },
    removed: ({ external }) => (external ? {} : { note: "docker stack deploy leaves it on the Swarm" }),
    changed: (path, network) => {
      const taken = path === "name" && !network.external && takenByOld(network, base);
      if (taken) return taken;
      if (path === "name") return { note: "docker stack deploy leaves the old one on the Swarm" };
      if (path === "external" && network.external) return { severity: "warning", note: "operators must make it first" };
      return { severity: path.startsWith("labels") ? "info" : "warning", note: existing };
    },
  });
}

/** A network of base's that head has no more, or under another name, keeps its addresses. */
function takenByOld(network: NetworkSpec, base: AppSpec): Remark | undefined {
  const subnets = network.ipam?.subnets ?? [];
  const old = base.networks.find(
    ({ name, external, ipam }) =>
      !external &&
      name !== network.name &&
      ipam?.subnets?.some((taken) => subnets.some((subnet) => shareAddresses(taken, subnet))),
  );
  if (!old) return undefined;
  const note = `Swarm has no addresses for it: docker stack deploy leaves network ${old.name}, which has them. Give it another subnet.`;
  return { severity: "error", note };
}

interface Remarks<T> {
  added: (now: T) => Remark;
  removed: (old: T) => Remark;
  changed: (path: string, now: T, old: T) => Remark;
}

function objectChanges<T extends { key: string; name: string }>(
  area: ChangeArea,
  base: readonly T[],
  head: readonly T[],
  remarks: Remarks<T>,
): Change[] {
  const keys = new Set([...base, ...head].map(({ key }) => key));
  return [...keys].flatMap((key): Change[] => {
    const old = base.find((item) => item.key === key);
    const now = head.find((item) => item.key === key);
    if (old && now) {
      const remark = (_: Change, path: string) => remarks.changed(path, now, old);
      return compareFields(fieldsOf(old), fieldsOf(now), { area, subject: key, remark });
    }
    const common = { area, subject: key, severity: "info" as const };
    if (now) return [{ ...common, kind: "added", after: now.name, ...remarks.added(now) }];
    return old ? [{ ...common, kind: "removed", before: old.name, ...remarks.removed(old) }] : [];
  });
}

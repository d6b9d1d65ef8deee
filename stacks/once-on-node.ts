import { CheckFailure } from "../checks/check-failure.ts";
import { lostVolumes } from "../checks/volumes/lost-volumes.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { shareAddresses } from "../lib/cidr.ts";
import { appsOf, type Deployment } from "./deployments.ts";

/** Something of a node's that an app needs, and that two apps can't have or would meet in. */
export interface OnceOnNode {
  kind: "port" | "folder" | "volume" | "subnet";
  /** `8080/tcp`, a path of the node or a share's, a volume's name, `10.1.0.0/24`. */
  name: string;
  /** For a person. */
  reason: string;
}

/** Sockets are there for several: nobody meets in one. */
const SOCKET = /\.sock(?:et)?$/;

/** What no other deployment may have meanwhile, of this run or another. */
export function aloneOnNode(app: AppSpec): OnceOnNode[] {
  return onceOnNode(app).filter(({ kind, name }) => kind !== "folder" || !SOCKET.test(name));
}

/**
 * Two deployments of one run can't have the same of a node either.
 * @throws CheckFailure of the author, who says what a recipe needs
 */
export function assertApart(deployments: readonly Deployment[]): void {
  const needs = deployments.flatMap((one) =>
    appsOf([one])
      .flatMap(aloneOnNode)
      .map((once) => ({ ...once, recipe: one.definition.name })),
  );
  const said = new Set<string>();
  for (const [index, one] of needs.entries()) {
    const meeting = needs.slice(index + 1).filter((other) => other.recipe !== one.recipe && meet(one, other));
    for (const { recipe } of meeting) said.add(`${one.recipe}: ${one.reason}, and ${recipe} wants the same`);
  }
  if (said.size > 0) throw new CheckFailure([...said].join("\n"), { owner: "author" });
}

function meet(one: OnceOnNode, other: OnceOnNode): boolean {
  if (one.kind !== other.kind) return false;
  return one.kind === "subnet" ? shareAddresses(one.name, other.name) : one.name === other.name;
}

/** All that an app needs of a node alone: services first, in their order. */
export function onceOnNode(app: AppSpec): OnceOnNode[] {
  const ofServices = app.services.flatMap(({ key, ports, mounts }): OnceOnNode[] => [
    ...ports.flatMap(({ published, protocol }): OnceOnNode[] => {
      if (!published) return [];
      const reason = `service ${key} publishes port ${published}, which a node has once`;
      return [{ kind: "port", name: `${published}/${protocol}`, reason }];
    }),
    ...mounts.flatMap(({ type, source = "", readOnly }): OnceOnNode[] => {
      if ((type !== "bind" && type !== "cluster") || readOnly) return [];
      const reason = `service ${key} writes to ${source} of the node, where both would meet`;
      return [{ kind: type === "bind" ? "folder" : "volume", name: source, reason }];
    }),
  ]);
  const own = lostVolumes(app);
  const volumes = app.volumes.filter((volume) => !own.includes(volume));
  return [
    ...ofServices,
    ...volumes.map(({ key, name, driverOpts: { device } }): OnceOnNode => {
      const reason = `volume ${key} is not the app's own: both would meet in it`;
      // Of its own name, and a name for a place that isn't.
      return device ? { kind: "folder", name: device, reason } : { kind: "volume", name, reason };
    }),
    ...app.networks.flatMap(({ key, external, ipam }) =>
      (external ? [] : (ipam?.subnets ?? [])).map((name): OnceOnNode => {
        return { kind: "subnet", name, reason: `network ${key} has a subnet of its own, which a node has once` };
      }),
    ),
  ];
}

import type { StepKind } from "../lib/step.ts";

/** Steps of a node by the names of their resources (components/local-node.ts, stacks/node.ts), in words. */
const MAKING: Record<string, Omit<StepKind, "key">> = {
  "node-guard": { title: "guard of the node" },
  "existing-guard": { title: "guard of the node" },
  "node-requirements": { title: "programs on this host", expectedMs: 10_000 },
  "node-rootfs": { title: "root file system", expectedMs: 50_000 },
  "node-network": { title: "network of the node", expectedMs: 1000 },
  "node-machine": { title: "machine", expectedMs: 6000 },
  "node-swarm": { title: "Swarm", expectedMs: 3000 },
  swarm: { title: "Swarm", expectedMs: 3000 },
  proxy: { title: "network proxy" },
  "traefik-image": { title: "Traefik's image", expectedMs: 12_000 },
  "traefik-service": { title: "Traefik" },
  "traefik-ready": { title: "Traefik's answer", expectedMs: 2000 },
};

/** What is done to a resource. */
export type Doing = "making" | "removing";

/** A step in words. A name that is not known shows as itself. */
export function stepOf(name: string, doing: Doing): StepKind {
  const { title, expectedMs } = MAKING[name] ?? { title: name };
  if (doing === "removing") return { title: `removing ${title}`, key: `node: removing ${name}` };
  return { title, expectedMs, key: `node: ${name}` };
}

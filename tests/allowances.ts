import type { Allowance, Difference, Unordered } from "./differential/differences.ts";

/** Lists the provider keeps as sets. */
export const UNORDERED: readonly Unordered[] = [
  { path: /.*\.Env/, by: (line: string) => line, reason: "an environment has no order" },
  {
    path: /.*\.Hosts/,
    by: (line: string) => line.split(" ")[1] ?? "",
    reason: "names are looked up one by one; lines of the same name stay in their order",
  },
  {
    path: /.*\.Mounts/,
    by: ({ Target }: { Target: string }) => Target,
    reason: "the engine mounts by depth of the target (moby, daemon/volumes_unix.go: sortMounts)",
  },
  {
    path: /.*\.(Secrets|Configs)/,
    by: ({ File }: { File?: { Name: string } }) => File?.Name ?? "",
    reason: "each is a file of its own",
  },
  { path: /.*\.Networks/, by: ({ Target }: { Target: string }) => Target, reason: "each is an interface of its own" },
  { path: /.*\.Aliases/, by: (alias: string) => alias, reason: "names of one address" },
  {
    path: /.*\.Ports/,
    by: (port: { TargetPort: number; Protocol: string; PublishedPort?: number }) =>
      `${port.PublishedPort} ${port.TargetPort} ${port.Protocol}`,
    reason: "each is a rule of its own",
  },
  {
    path: /.*\.Constraints/,
    by: (constraint: string) => constraint,
    repeats: true,
    reason: "all of them must hold",
  },
];

/** Every way in which what we deploy may differ from what `docker stack deploy` does. */
export const ALLOWANCES: readonly Allowance[] = [
  {
    object: /.*/,
    path: /(.*\.)?Labels\["recipe-ci\.run"\]/,
    reason: "every object carries the run's label from its creation on",
  },
  {
    object: /service .*/,
    path: /TaskTemplate\.ContainerSpec\.(Healthcheck|Privileges)|.*\.DriverConfig|.*\.TmpfsOptions|.*\.BindOptions|.*\.Resources.*/,
    when: saysNothing,
    reason: "an object without a value in it asks for nothing, as none does",
  },
  {
    object: /service .*/,
    path: /TaskTemplate\.ContainerSpec\.(Init|ReadOnly)/,
    when: ({ theirs, ours }) => theirs === undefined && ours === false,
    reason: "what an engine takes that is told nothing: our node's configuration has no init either",
  },
  {
    object: /service .*/,
    path: /.*\.(Window|MaxAttempts)/,
    when: ({ theirs, ours }) => theirs === undefined && ours === 0,
    reason: "0 is what Swarm takes when none is given",
  },
  {
    object: /service .*/,
    path: /.*\.VolumeOptions(\.Labels)?/,
    when: ({ path, theirs, ours }) => ours === undefined && (path.endsWith("Labels") || isOnlyLabels(theirs)),
    reason: "the volume is made before the service, with these labels; the mount's labels are for a volume it makes",
  },
  {
    object: /volume .*/,
    path: /(?:)/,
    when: ({ theirs }) => theirs === undefined,
    reason: "the volume is made with the app; Swarm would make it with the first task that mounts it",
  },
  {
    object: /service .*/,
    path: /.*\.Mounts\[\d+\]\.Source/,
    when: ({ theirs, ours }) =>
      String(ours).startsWith("/root/.abra/recipes/") &&
      String(theirs).endsWith(String(ours).slice("/root/.abra".length)),
    reason: "a relative source means a folder of the operator's checkout, which abra has under its home",
  },
  {
    object: /service .*/,
    path: /TaskTemplate\.ContainerSpec\.Image/,
    when: ({ theirs, ours }) => String(ours).startsWith(`${theirs}@sha256:`),
    reason: "the image is pinned by digest, as the engine does where it reaches the registry",
    sometimes: true,
  },
  {
    object: /service .*/,
    path: /TaskTemplate\.Placement\.Platforms/,
    when: ({ theirs, ours }) => theirs === undefined || ours === undefined,
    reason:
      "the CLI and the provider, each in its own moment, note what an image is built for where the registry answers, so that Swarm can choose among nodes; here the image is on the only node before the service is",
    sometimes: true,
  },
];

function isOnlyLabels(options: unknown): boolean {
  return Object.keys(options ?? {}).join() === "Labels";
}

/** Neither side has a value at any depth. */
function saysNothing({ theirs, ours }: Difference): boolean {
  return isEmpty(theirs) && isEmpty(ours);
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === false;
}

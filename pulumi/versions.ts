/** Versions this project is written for; package.json pins the SDKs, these are the programs beside them. */
export const VERSIONS = {
  /** The Pulumi CLI that is downloaded or built. */
  cli: "3.259.0",
  /** The oldest CLI that is accepted from PATH: resource hooks behave as `components/check.ts` needs from here on. */
  minimumCli: "3.245.0",
  /** The Docker CLI that is built where the host has none that reads compose files as operators' tools do. */
  dockerCli: "28.2.2",
  /** Provider plugins, by Pulumi package name. */
  plugins: { docker: "5.2.0", hcloud: "1.41.0", command: "1.2.1" },
} as const;

/** A provider plugin, by its Pulumi package's name. */
export type PluginName = keyof typeof VERSIONS.plugins;

/** The plugins that every stack of this project may need; others belong to certain nodes. */
export const COMMON_PLUGINS: readonly PluginName[] = ["docker", "command"];

/** The three numbers of a version such as `v3.259.0`, `3.260.0-dev` or `go1.26.8`; undefined when there are none. */
export function parseVersion(text: string): [number, number, number] | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** Whether `version` is `minimum` or newer. A text without a version in it is not; a pre-release counts as its release. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = parseVersion(version);
  const want = parseVersion(minimum);
  if (!have || !want) return false;
  for (const [index, wanted] of want.entries()) {
    const had = have[index] ?? 0;
    if (had !== wanted) return had > wanted;
  }
  return true;
}

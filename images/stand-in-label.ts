/** Label of every stand-in: the hash of what it was built from. */
export const STAND_IN_LABEL = "recipe-ci.stand-in";
const BUILT_FROM_LABEL = "recipe-ci.stand-in.built-from";
const REASON_LABEL = "recipe-ci.stand-in.reason";

/** An image built locally under an upstream name. */
export interface StandIn {
  image: string;
  /** What it was built from, e.g. `Debian trixie nginx 1.26.3`. */
  builtFrom: string;
  /** Why the real one was not used: the registry's answer when it was built. */
  reason: string;
}

/** Labels to build a stand-in with: they tell later runs, and other engines that get it, all there is to report. */
export function standInLabels(hash: string, { builtFrom, reason }: Omit<StandIn, "image">): Record<string, string> {
  return { [STAND_IN_LABEL]: hash, [BUILT_FROM_LABEL]: builtFrom, [REASON_LABEL]: reason.slice(0, 500) };
}

/** What an image's labels say of it, or undefined when it is no stand-in. */
export function standInOf(image: string, labels: Record<string, string> | null | undefined): StandIn | undefined {
  if (!labels?.[STAND_IN_LABEL]) return undefined;
  return { image, builtFrom: labels[BUILT_FROM_LABEL] ?? "unknown", reason: labels[REASON_LABEL] ?? "unknown" };
}

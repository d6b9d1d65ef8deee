/** What a change is about, in the order changes are listed. */
export const CHANGE_AREAS = [
  "version",
  "service",
  "image",
  "config",
  "secret",
  "volume",
  "network",
  "port",
  "mount",
  "healthcheck",
  "env",
  "label",
  "setting",
  "warning",
] as const;
export type ChangeArea = (typeof CHANGE_AREAS)[number];

/** What the changes of one area are called together. */
export const AREA_WORDS: Record<ChangeArea, string> = {
  version: "version",
  service: "services",
  image: "images",
  config: "configs",
  secret: "secrets",
  volume: "volumes",
  network: "networks",
  port: "ports",
  mount: "mounts",
  healthcheck: "health checks",
  env: "environment",
  label: "labels",
  setting: "settings",
  warning: "warnings about the recipe",
};

/**
 * info: goes by itself; warning: an operator should know or do something; error: no operator's Swarm takes the
 * upgrade, it silently keeps the old, or abra takes it for the way back.
 */
export type ChangeSeverity = "info" | "warning" | "error";

/** One thing that differs between two versions of an app. Texts are for people; nothing that looks secret is in them. */
export interface Change {
  area: ChangeArea;
  /** What changed. What belongs to a service begins with the service's key, e.g. `app DOMAIN`. */
  subject: string;
  kind: "added" | "removed" | "changed";
  before?: string;
  after?: string;
  /** Unified diff of a config's text. */
  diff?: string;
  /** What it means, or what is to be done, in one or two sentences. */
  note?: string;
  severity: ChangeSeverity;
  /** Key of the service that would have to be removed first. */
  replaces?: string;
}

/** By area, then subject, then what came of it: the same changes always in the same order. */
export function inOrder(changes: readonly Change[]): Change[] {
  const rank = ({ area }: Change) => CHANGE_AREAS.indexOf(area);
  return [...changes].sort(
    (a, b) => rank(a) - rank(b) || compareText(a.subject, b.subject) || compareText(b.kind, a.kind),
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

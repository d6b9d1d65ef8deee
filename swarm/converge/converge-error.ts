/** Why a service did not come to rest. */
export type ConvergeCauseKind =
  | "exited" // Its program ended, with whatever code.
  | "rejected" // The node could not start it.
  | "image" // The node could not get its image.
  | "unhealthy" // Its health check says no.
  | "health-command-missing" // Its health check names a program the image does not have.
  | "no-suitable-node" // No node fits its placement, resources or host ports.
  | "update-failed" // Swarm paused the update or rolled it back.
  | "not-converged"; // The deadline passed.

/** One cause with what was seen; texts have been through the caller's `redact`. */
export interface ConvergeCause {
  kind: ConvergeCauseKind;
  service: string;
  /** One sentence for a person. */
  message: string;
  /** Whose it is: the recipe's, or that of a node which had no memory, room or image left for it. */
  owner: "recipe" | "infra";
  taskId?: string;
  containerId?: string;
  exitCode?: number;
  /** Tasks of this service that failed so far: above 1 it is a restart loop. */
  failures: number;
  /** Last lines of the container. */
  logs?: string;
  /** What the last failed health probe printed. */
  healthOutput?: string;
}

/** Services did not come to rest: with the causes, worst first as they were found. */
export class ConvergeError extends Error {
  override readonly name = "ConvergeError";
  readonly causes: readonly ConvergeCause[];
  /** The recipe's as soon as one cause is. */
  readonly owner: "recipe" | "infra";

  constructor(causes: readonly ConvergeCause[]) {
    super(causes.map(paragraph).join("\n"));
    this.causes = causes;
    this.owner = causes.every(({ owner }) => owner === "infra") ? "infra" : "recipe";
  }
}

function paragraph(cause: ConvergeCause): string {
  const loop = cause.failures > 1 ? ` (${cause.failures} tasks failed: restart loop)` : "";
  const lines = [`${cause.service}: ${cause.message}${loop}`];
  if (cause.healthOutput) lines.push(...indented("health probe", cause.healthOutput));
  if (cause.logs) lines.push(...indented("last log lines", cause.logs));
  return lines.join("\n");
}

function indented(title: string, text: string): string[] {
  return [`  ${title}:`, ...text.split("\n").map((line) => `    ${line}`)];
}

import type { Owner } from "../lib/owner.ts";
import type { ConvergeCause } from "../swarm/converge/converge-error.ts";

/** Lines before and after such words in which a program says whom it asked. */
const AROUND = 2;

/** Why a service does not run, other than by what its recipe makes of it: what the node has or has not. */
export interface Trouble {
  /** Sentences for a person: what is the matter, and what to do. */
  said: string;
  /** Who has to act. Undefined: it may as well have asked somebody else, so that the recipe stays charged. */
  owner?: Owner;
}

/** Lines in which a service that does not run says why. */
export function saidBy({ message, healthOutput, logs }: ConvergeCause): string[] {
  return [message, healthOutput, logs].join("\n").split("\n");
}

/** The first name in the lines around those that have such words. @param host what names look like, as a pattern */
export function nameNear(lines: readonly string[], words: RegExp, host: string): string | undefined {
  const pattern = new RegExp(host, "i");
  const around = (index: number) => lines.slice(Math.max(index - AROUND, 0), index + AROUND + 1).join("\n");
  const names = lines.map((line, index) => (words.test(line) ? pattern.exec(around(index))?.[0] : undefined));
  return names.find((name) => name !== undefined);
}

import type { RunResult } from "../lifecycle/result.ts";

/** What the ledger comes to, where it names neither survivors nor losses: also that nobody could look. */
export function ledgerWords({ phases }: RunResult): string {
  const looks = phases.find(({ name }) => name === "destroy")?.checks ?? [];
  if (looks.length === 0) return "Nobody has looked yet whether the node is as it was before.";
  const unseen = looks.some(({ name, status }) => name === "destroy.nothing-left" && status !== "passed");
  if (unseen) return "Nobody could look whether the node is as it was before.";
  return "The node is as it was before: nothing left, nothing lost.";
}

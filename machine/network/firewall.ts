import { findProgram } from "../../lib/program.ts";
import { hostExec, hostStep, hostSucceeds, SYSTEM_PATH } from "../host.ts";

/** One iptables rule of a bridge. */
export interface Rule {
  table: "filter" | "nat";
  chain: string;
  match: readonly string[];
}

/** Comment on every rule of a bridge, by which people and clean-up know them. */
export function ruleTag(bridge: string): string {
  return `recipe-ci:${bridge}`;
}

/**
 * Rules that let a bridge's machines reach each other and the outside. The forward rules are needed where a Docker
 * Engine on the host has set that chain to drop, which also hits traffic that stays on the bridge.
 */
export function bridgeRules(bridge: string, subnet: string): Rule[] {
  const comment = ["-m", "comment", "--comment", ruleTag(bridge)];
  return [
    { table: "filter", chain: "FORWARD", match: ["-i", bridge, ...comment, "-j", "ACCEPT"] },
    { table: "filter", chain: "FORWARD", match: ["-o", bridge, ...comment, "-j", "ACCEPT"] },
    {
      table: "nat",
      chain: "POSTROUTING",
      match: ["-s", subnet, "!", "-d", subnet, ...comment, "-j", "MASQUERADE"],
    },
  ];
}

/** Inserts the rules that are not there yet, before all others. */
export async function ensureRules(rules: readonly Rule[]): Promise<void> {
  for (const rule of rules)
    if (!(await hasRule(rule))) await hostStep("open the firewall for machines", command("-I", rule));
}

/** Removes every copy of every rule with a bridge's comment, whatever subnet it was made for. */
export async function removeRules(bridge: string): Promise<void> {
  for (const table of ["filter", "nat"] as const)
    for (const line of await taggedRules(table, ruleTag(bridge))) {
      const [, chain = "", ...match] = unquote(line);
      await hostStep("remove a firewall rule", command("-D", { table, chain, match }));
    }
}

/** Rules of a table as `iptables-save` prints them whose comment begins so. */
export async function taggedRules(table: Rule["table"], tag: string): Promise<string[]> {
  return (await savedRules(table)).filter((line) => unquote(line).some((word) => word.startsWith(tag)));
}

/** Forward rules on the host that are not recipe-ci's: somebody else lets packets through. */
export async function foreignForwardRules(): Promise<string[]> {
  const ours = await taggedRules("filter", "recipe-ci:");
  return (await savedRules("filter")).filter((line) => line.startsWith("-A FORWARD ") && !ours.includes(line));
}

/** Whether the host has iptables at all. */
export async function canReadRules(): Promise<boolean> {
  return (await findProgram("iptables-save", SYSTEM_PATH)) !== undefined;
}

async function savedRules(table: Rule["table"]): Promise<string[]> {
  // Without iptables nothing of ours was ever let through.
  if (!(await canReadRules())) return [];
  const text = await hostExec(["iptables-save", "-t", table]);
  return text.split("\n").filter((line) => line.startsWith("-A "));
}

/** Words of a saved rule. Ours hold no spaces; iptables-save quotes comments all the same. */
function unquote(line: string): string[] {
  return line.split(" ").map((word) => word.replace(/^"(.*)"$/, "$1"));
}

function hasRule(rule: Rule): Promise<boolean> {
  return hostSucceeds(command("-C", rule));
}

function command(action: "-C" | "-I" | "-D", { table, chain, match }: Rule): [string, ...string[]] {
  return ["iptables", "-w", "10", "-t", table, action, chain, ...match];
}

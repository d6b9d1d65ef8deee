import type { SwarmNode } from "./engines.ts";

/** Whether a node fulfils a constraint such as `node.labels.disk == ssd`, as swarmkit (manager/constraint/constraint.go) reads it. */
export function fulfils(node: SwarmNode, text: string): boolean {
  const operator = text.includes("==") ? "==" : "!=";
  const at = text.indexOf(operator);
  const [key, value] = [text.slice(0, at).trim(), text.slice(at + operator.length).trim()];
  const has = attribute(node, key);
  return has !== undefined && (has.toLowerCase() === value.toLowerCase()) === (operator === "==");
}

/** What a node has under a constraint's key; undefined for a key that says nothing of it. */
function attribute(node: SwarmNode, key: string): string | undefined {
  const [, place = "", label = ""] = /^(node|engine)\.labels\.(.+)$/i.exec(key) ?? [];
  if (label) return (place.toLowerCase() === "node" ? node.labels : node.engineLabels)[label] ?? "";
  const known: Record<string, string> = {
    "node.id": node.id,
    "node.hostname": node.name,
    "node.role": node.role,
    "node.ip": node.address,
    "node.platform.os": node.os,
    "node.platform.arch": node.architecture,
  };
  return known[key.toLowerCase()];
}

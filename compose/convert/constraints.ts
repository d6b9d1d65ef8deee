/** As swarmkit (manager/constraint/constraint.go) reads a constraint. */
const KEY = /^[a-z_][a-z0-9\-_.]+$/i;
const VALUE = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i;
/** What a node can be asked for there; of any other key no node has anything. */
const KNOWN = /^(node\.(id|hostname|ip|role|platform\.(os|arch)|labels\..+)|engine\.labels\..+)$/i;

export interface ConstraintReading {
  /** Why Swarm refuses it, to come after the constraint itself. */
  problem?: string;
  remedy?: string;
  /** Why no node fulfils it, though Swarm takes it. */
  doubt?: string;
}

/** What is wrong with a placement constraint; nothing for a good one. */
export function constraintProblem(text: string): ConstraintReading {
  // Of two operators the first kind counts, as in swarmkit.
  const operator = ["==", "!="].find((one) => text.includes(one));
  if (!operator) {
    const [key = "node.role", value = "manager"] = text.split("=").map((part) => part.trim());
    return { problem: "has neither == nor !=", remedy: `write ${key || "node.role"} == ${value || "manager"}` };
  }
  const at = text.indexOf(operator);
  const [key, value] = [text.slice(0, at).trim(), text.slice(at + operator.length).trim()];
  if (!KEY.test(key))
    return { problem: `asks for "${key}", which is no key`, remedy: "write e.g. node.role == manager" };
  if (!VALUE.test(value)) {
    const problem = value === "" ? "has no value" : `has a value with a character that Swarm does not take`;
    return { problem, remedy: "write e.g. node.role == manager" };
  }
  if (!KNOWN.test(key))
    return {
      doubt: `no node has a ${key}, so its tasks wait for ever${operator === "!=" ? ", or it is always true" : ""}`,
    };
  const isRole = key.toLowerCase() === "node.role" && operator === "==";
  return isRole && !/^(manager|worker)$/i.test(value)
    ? { doubt: "a node is a manager or a worker, so its tasks wait for ever" }
    : {};
}

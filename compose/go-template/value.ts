import type { Pipeline, Term } from "./pipeline.ts";

/** A text, a truth, or undefined for what only Swarm knows. */
export type Value = string | boolean | undefined;

/** The variables of a service; `null` for one passed by name. */
export type Variables = Readonly<Record<string, string | null>>;

/** What a pipeline gives, as far as the service's variables say so. A variable that is not there reads as empty. */
export function evaluate({ commands }: Pipeline, env: Variables): Value {
  let value: Value;
  for (const [index, command] of commands.entries()) value = evaluated(command, index === 0 ? [] : [value], env);
  return value;
}

/**
 * How many of the arguments Go looks at for sure: `and` stops at the first that is empty, `or` at the first that is
 * not.
 */
export function argumentsRead(name: string, args: readonly Term[], env: Variables): number {
  if (name !== "and" && name !== "or") return args.length;
  const stop = args.findIndex((term) => {
    const value = evaluated([term], [], env);
    return value === undefined || Boolean(value) === (name === "or");
  });
  return stop < 0 ? args.length : stop + 1;
}

function evaluated([first, ...rest]: readonly Term[], piped: readonly Value[], env: Variables): Value {
  if (first?.kind === "string" || first?.kind === "boolean") return first.value;
  if (first?.kind === "pipeline") return evaluate(first.pipeline, env);
  if (first?.kind !== "function") return undefined;
  const args = [...rest.map((term) => evaluated([term], [], env)), ...piped];
  if (first.name === "env") return typeof args[0] === "string" ? variable(args[0], env) : undefined;
  return outcome(first.name, args);
}

function variable(name: string, env: Variables): string {
  return Object.hasOwn(env, name) ? (env[name] ?? "") : "";
}

function outcome(name: string, args: readonly Value[]): Value {
  // `and` gives the first that is empty, `or` the first that is not, else the last.
  if (name === "and") return args.find((value) => !value) ?? (args.includes(undefined) ? undefined : args.at(-1));
  if (name === "or") {
    const first = args.find((value) => value === undefined || value);
    return first ?? (args.includes(undefined) ? undefined : args.at(-1));
  }
  const [first, ...others] = args;
  if (first === undefined) return undefined;
  if (name === "not") return !first;
  if (name !== "eq" && name !== "ne") return undefined;
  const same = others.includes(first);
  if (!same && others.some((other) => typeof other !== typeof first)) return undefined;
  return same === (name === "eq");
}

import { inputNames, type ResourceType } from "./inputs.ts";
import { equal, type Properties, reveal, type Value } from "./values.ts";

export interface Change {
  /** The input that differs. */
  name: string;
  kind: "add" | "delete" | "update";
  /** Whether the resource must be made anew: so for triggers, as the official provider has it. */
  replace: boolean;
}

/** How the inputs of a resource changed. Whether a value is a secret makes no difference; an unknown value is one. */
export function changedInputs(type: ResourceType, olds: Properties, news: Properties): Change[] {
  return inputNames(type).flatMap((name): Change[] => {
    const before = plain(olds[name]);
    const after = plain(news[name]);
    if (equal(before, after)) return [];
    const kind = before === undefined ? "add" : after === undefined ? "delete" : "update";
    return [{ name, kind, replace: name === "triggers" }];
  });
}

/** No difference between a missing property and null: the SDKs send either. */
function plain(value: Value | undefined): Value | undefined {
  return value === undefined || value === null ? undefined : (reveal(value) ?? undefined);
}

import type { Labels } from "../../compose/app-spec.ts";

/** Labels as the docker provider takes them, in a stable order so that two renders are byte-equal. */
export function renderLabels(...sets: Labels[]): { label: string; value: string }[] {
  const merged: Labels = Object.assign({}, ...sets);
  return Object.entries(merged)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => ({ label, value }));
}

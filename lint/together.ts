import type { JudgedFinding, Occurrence } from "./waivers.ts";

/**
 * Findings of one kind as one finding with all its places. One kind is the same rule, level, remedy and waiver, and
 * what the rule says of several such findings; where it says nothing, the same message.
 * @param findings in the order in which places are shown
 */
export function togetherByKind(findings: readonly JudgedFinding[]): JudgedFinding[] {
  const kinds = new Map<string, JudgedFinding[]>();
  for (const finding of findings) {
    const { rule, level, remedy, waived, kind, message } = finding;
    const id = JSON.stringify([rule, level, remedy, waived, kind ?? message]);
    kinds.set(id, [...(kinds.get(id) ?? []), finding]);
  }
  return [...kinds.values()].flatMap(([first, ...others]) => {
    if (!first || others.length === 0) return first ?? [];
    const places = [first, ...others].map(occurrence);
    return { ...first, message: first.kind ? `${places.length} ${first.kind}` : first.message, places };
  });
}

function occurrence({ message, file, line }: JudgedFinding): Occurrence {
  return { message, file, line };
}

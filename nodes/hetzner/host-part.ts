/** Characters that a host name may have of its stack's. */
const STACK_PART = 30;

/** A stack's name as the beginning of a host name. */
export function hostPart(stack: string): string {
  const plain = stack.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return plain.slice(0, STACK_PART).replace(/^-+|-+$/g, "") || "node";
}

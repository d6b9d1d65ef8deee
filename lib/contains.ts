/** Whether a text contains what is wanted of it; where nothing is, it does. */
export function contains(text: string, wanted: string | RegExp | undefined): boolean {
  if (wanted === undefined) return true;
  // Not `test`: it would go on from where the last look at a pattern with flag `g` ended.
  return typeof wanted === "string" ? text.includes(wanted) : text.search(wanted) >= 0;
}

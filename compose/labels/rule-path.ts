/** `||` outside of what stands in parentheses, quotes or backticks ends an alternative of a rule. */
const TOKEN = /`[^`]*`|"[^"]*"|\|\||[()]|[^`"|()]+|\|/g;
/** What asks for a path, unless a `!` stands before it. */
const PATH = /(!\s*)?\bPath(?:Prefix)?\(\s*[`"]([^`"{]*)[`"]/g;

/**
 * The path at which the rule of an HTTP router begins: that of its first `Path` or `PathPrefix`; `/` where it, or one of
 * its alternatives, takes every path.
 */
export function pathOf(rule: string): string {
  const paths = alternatives(rule).map((one) => {
    const found = [...one.matchAll(PATH)].find(([, not]) => not === undefined);
    return found?.[2] || "/";
  });
  return paths.includes("/") ? "/" : (paths[0] ?? "/");
}

/** What stands between the `||` of a rule that are in no parentheses. */
export function alternatives(rule: string): string[] {
  const found = [""];
  let depth = 0;
  for (const [token] of rule.matchAll(TOKEN)) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (token === "||" && depth === 0) found.push("");
    else found[found.length - 1] += token;
  }
  return found;
}

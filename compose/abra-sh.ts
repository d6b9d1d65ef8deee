/**
 * The variables of `abra.sh` as `abra app deploy` sees them. abra does not run the file: it takes each line that
 * matches `^export\s+(\w+=\w+)` and splits it on `export ` and `=`. So `export A="v1"` is nothing to it, and text
 * after the value, even a comment, stays in the value.
 */
export function abraShExports(text: string): Record<string, string> {
  const exports: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (!/^export\s+(\w+=\w+)/.test(line)) continue;
    const [key = "", value = ""] = (line.split("export ").at(-1) ?? "").split("=");
    if (/^\w+$/.test(key)) exports.push([key, value]);
  }
  return Object.fromEntries(exports);
}

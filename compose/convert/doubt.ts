/** What docker and abra take, and nobody means. */
export interface Doubt {
  /** What it is about: lint has a rule for each. */
  kind: "alias" | "data" | "health" | "list" | "mode" | "number" | "program" | "template";
  /** Keys down to where it is written. */
  path: readonly string[];
  message: string;
  remedy: string;
  /** The app, or a hook of it, fails by it for certain. Default: no. */
  fails?: boolean;
}

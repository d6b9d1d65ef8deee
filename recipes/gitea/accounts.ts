import { randomUUID } from "node:crypto";
import type { AuthorContext, HttpSession } from "recipe-ci";

export const API = "/api/v1";
const ADMIN = "ci-admin";

/** A new token of a user, by the program in the container: none is kept. */
export async function tokenOf(context: AuthorContext, user: string): Promise<string> {
  const named = ["--username", user, "--token-name", `ci-${randomUUID()}`];
  const argv = ["gitea", "admin", "user", "generate-access-token", ...named, "--scopes", "all", "--raw"] as const;
  const { stdout } = await context.service("app").exec(argv);
  return stdout.trim().split("\n").at(-1) ?? "";
}

export async function asUser(context: AuthorContext, user: string): Promise<HttpSession> {
  return context.http({ headers: { Authorization: `token ${await tokenOf(context, user)}` } });
}

/** An administrator, whom a database that was emptied does not know any more. */
export async function asAdmin(context: AuthorContext): Promise<HttpSession> {
  const account = ["--admin", "--username", ADMIN, "--email", `${ADMIN}@example.org`, "--must-change-password=false"];
  const argv = ["gitea", "admin", "user", "create", ...account, "--random-password"] as const;
  // Who is there already is refused, and what else goes wrong is told by what comes next.
  await context.service("app").exec(argv, { accept: "any" });
  return asUser(context, ADMIN);
}

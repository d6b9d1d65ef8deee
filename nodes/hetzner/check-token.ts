import { UserError } from "../../lib/errors.ts";
import { type ApiAccess, ApiRefusal, ask } from "./api.ts";

const REMEDY = "make one that may read and write in the project's console, then: pulumi config set --secret token";

/**
 * Asks whether a token opens a project, and may write there: by an order that is none, so that nothing is made.
 *
 * @throws UserError for one that does not; ApiRefusal for what else is in the way
 */
export async function checkToken(access: ApiAccess): Promise<void> {
  try {
    await ask(access, "POST /ssh_keys", { body: {} });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    if (error.code === "token_readonly") throw refused("may only read", error);
    if (error.status === 401) throw refused("opens no project at Hetzner: it was deleted, or mistyped", error);
    if (error.status === 403) throw refused("is not allowed to do anything in its project", error);
    if (error.code !== "invalid_input") throw error;
  }
}

function refused(message: string, cause: ApiRefusal): UserError {
  return new UserError(message, { place: { key: "recipe-ci:token" }, remedy: REMEDY, cause });
}

import { UserError } from "../../lib/errors.ts";
import { type ApiAccess, ApiRefusal, ask } from "./api.ts";

/**
 * Asks whether the project keeps the records of a domain.
 *
 * @throws UserError for one that it does not
 */
export async function checkZone(access: ApiAccess, zone: string): Promise<void> {
  try {
    await ask(access, `GET /zones/${zone}`);
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
    throw new UserError(`the project has no zone ${zone}`, {
      place: { key: "recipe-ci:zone" },
      remedy: "add it in the project's console, and give its name servers to who registered the domain",
      cause: error,
    });
  }
}

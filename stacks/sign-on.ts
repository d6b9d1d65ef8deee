import { type AuthorContext, authorContext } from "../checks/author-context.ts";
import { authored } from "../checks/authored.ts";
import type { CheckFunction } from "../checks/check.ts";
import { signOnOf } from "../checks/sign-on/sign-on.ts";
import { givesTokens } from "../checks/sign-on/tokens.ts";
import { present } from "../lib/present.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import { check, type Link } from "./plan/planned.ts";

/** The part of a definition that says where a recipe's users sign on. */
export type Signing = Pick<SettledDefinition, "name" | "signsOn">;

/** The clients of a provider among those that need it. */
export function clientsOf(provider: string, parents: readonly Signing[]) {
  return parents.flatMap(({ signsOn }) => (signsOn?.provider === provider ? [signsOn] : []));
}

/** That a provider knows each of its clients, and signs their users on: before those start. */
export function signOnChecks(provider: SettledDefinition, parents: readonly Signing[]): Link[] {
  return clientsOf(provider.name, parents).map((client) => {
    const run: CheckFunction = async (context) => {
      const secret = present(context.clientSecrets?.get(client.client), `the client's secret of ${client.client}`);
      const signOn = signOnOf(client, secret);
      const register = present(provider.signOn, `signOn of ${provider.name}`).register;
      const own: AuthorContext = authorContext(context);
      await authored(`signOn of ${provider.name}`, context.signal, () => register(own, signOn));
      return givesTokens(context, signOn);
    };
    const title = `${client.client} is a client, and its user gets tokens`;
    return check(`install.sign-on-${client.client}`, title, run);
  });
}

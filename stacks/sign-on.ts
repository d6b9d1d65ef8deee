import { authored, inContext } from "../checks/authored.ts";
import type { CheckFunction } from "../checks/check.ts";
import { CheckFailure } from "../checks/check-failure.ts";
import { GRANTS, type IssuedClient, signOnIn } from "../checks/sign-on/sign-on.ts";
import { givesTokens } from "../checks/sign-on/tokens.ts";
import { present } from "../lib/present.ts";
import type { SettledDefinition, SettledSignOn } from "../recipes/settle.ts";
import { check, type LeftOut, type Link } from "./plan/planned.ts";

/** The part of a definition that says where a recipe's users sign on. */
export type Signing = Pick<SettledDefinition, "name" | "signsOn">;

/** The clients of a provider among those that need it. */
export function clientsOf(provider: string, parents: readonly Signing[]) {
  return parents.flatMap(({ signsOn }) => (signsOn?.provider === provider ? [signsOn] : []));
}

/** That a provider knows each of its clients, and signs their users on: before those start. */
export function signOnChecks(provider: SettledDefinition, parents: readonly Signing[]): Link[] {
  const clients = clientsOf(provider.name, parents);
  const issued = clients.filter(({ idToCome }) => idToCome !== undefined);
  // What a provider chooses is known before anything is asked that hangs on it.
  return [...issued.map((client) => issuing(provider, client)), ...clients.map((client) => signing(provider, client))];
}

function issuing(provider: SettledDefinition, { client, redirects }: SettledSignOn): Link {
  const run: CheckFunction = async (context) => {
    const issue = present(provider.signOn?.issue, `signOn.issue of ${provider.name}`);
    const given = await authored(`signOn.issue of ${provider.name}`, context.signal, () =>
      inContext(context, (own) => issue(own, { recipe: client, redirects })),
    );
    present(context.clients, "the clients of the run").set(client, whole(given));
    return { summary: given.id };
  };
  return { ...check(`install.client-${client}`, `${client} is given an id and a secret`, run), issues: client };
}

function whole({ id, secret }: IssuedClient): IssuedClient {
  if (id && secret) return { id, secret };
  throw new CheckFailure(`signOn.issue gives no ${id ? "secret" : "id"}`, { owner: "author" });
}

function signing(provider: SettledDefinition, client: SettledSignOn): Link {
  const name = `sign-on-${client.client}`;
  const run: CheckFunction = async (context) => {
    const { secret } = present(context.clients?.get(client.client), `the client's secret of ${client.client}`);
    const signOn = signOnIn(context.clients, client, secret);
    const { register, lacks, logIn } = present(provider.signOn, `signOn of ${provider.name}`);
    await authored(`signOn of ${provider.name}`, context.signal, () =>
      inContext(context, (own) => register(own, signOn)),
    );
    return givesTokens(context, signOn, { check: `install.${provider.name}.${name}`, lacks, logIn });
  };
  return check(`install.${name}`, `${client.client} is a client, and its user gets tokens`, run);
}

/** The grants that a provider is not asked for, since it has none of the kind. */
export function lackingGrants({ name, signOn }: SettledDefinition, parents: readonly Signing[]): LeftOut[] {
  const lacking = GRANTS.flatMap((grant) => {
    const reason = signOn?.lacks?.[grant];
    return reason ? [{ grant, reason }] : [];
  });
  return clientsOf(name, parents).flatMap(({ client }) =>
    lacking.map(({ grant, reason }) => ({
      name: `install.${name}.sign-on-${client}.${grant}`,
      title: `${name}: ${client} gets tokens by the grant ${grant}`,
      reason,
    })),
  );
}

/** Whether a provider's users get tokens in a browser alone. */
export function signsOnInBrowser({ name, signOn }: SettledDefinition, parents: readonly Signing[]): boolean {
  return signOn?.lacks?.password !== undefined && clientsOf(name, parents).length > 0;
}

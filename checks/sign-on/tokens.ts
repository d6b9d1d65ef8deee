import * as openid from "openid-client";
import type { CheckContext, Evidence } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { signsOnByCode } from "./code-flow.ts";
import { type Known, knownProvider } from "./provider.ts";
import { about, refused, step, verifiedBy } from "./said.ts";
import { GRANTS, type Grant, type LogIn, type SignOn } from "./sign-on.ts";

/** What is asked of an identity provider. */
export interface TokensAsked {
  /** Name of the check, for what is kept of a failure. */
  check: string;
  /** Grants that it has not, with reasons: none of them is asked for. Without `password` a browser logs the user in. */
  lacks?: Partial<Record<Grant, string>>;
  logIn?: LogIn;
}

/**
 * That an identity provider does for a client what OpenID Connect says: it is discovered at its issuer, gives tokens to
 * the client and to its user, signed by the keys that it publishes and about nobody else, and none for a wrong secret.
 *
 * @throws CheckFailure for what does not hold, and for a grant that it is said to lack and offers
 */
export async function givesTokens(context: CheckContext, signOn: SignOn, asked: TokensAsked): Promise<Evidence> {
  const { issuer, client, user } = signOn;
  const { lacks = {}, logIn, check } = asked;
  const known = await knownProvider(context, signOn);
  offersNoneOf(known, lacks);
  if (!lacks.client_credentials) await tokenOfClient(known, signOn);
  if (!lacks.password) await tokenOfUser(known, signOn);
  else if (logIn) await signsOnByCode(context, signOn, { known, logIn, check });
  const ways = [
    ...GRANTS.filter((one) => !lacks[one]),
    ...(lacks.password ? ["authorization code, in a browser"] : []),
  ];
  return { summary: `${issuer}: ${client}, ${user.name}; ${ways.join(", ")}`, details: { issuer, client } };
}

/** A reason that is none any more would leave out what can be asked. @throws CheckFailure for a grant that is offered */
export function offersNoneOf({ config }: Pick<Known, "config">, lacks: TokensAsked["lacks"] = {}): void {
  const { grant_types_supported = [] } = config.serverMetadata();
  const offered = GRANTS.find((one) => lacks[one] && grant_types_supported.includes(one));
  if (offered) throw new CheckFailure(`it offers the grant ${offered}, and its ci.ts says that it has none`);
}

async function tokenOfClient({ config, keys, discover }: Known, { issuer, client, secret }: SignOn): Promise<void> {
  const own = await step("client_credentials", openid.clientCredentialsGrant(config));
  about("azp", client, await verifiedBy(keys, "the client's token", own.access_token, { issuer }));
  const stranger = await discover(`not-${secret}`);
  await refused("a wrong secret gets a token as well", openid.clientCredentialsGrant(stranger));
}

async function tokenOfUser({ config, keys }: Known, { issuer, client, user }: SignOn): Promise<void> {
  const asked = { username: user.name, password: user.password, scope: "openid" };
  const person = await step("password grant", openid.genericGrantRequest(config, "password", asked));
  const access = await verifiedBy(keys, "the user's token", person.access_token, { issuer });
  about("azp", client, access);
  about("typ", "Bearer", access);
  const id = await verifiedBy(keys, "the user's id token", person.id_token, { issuer, audience: client });
  about("preferred_username", user.name, id);
}

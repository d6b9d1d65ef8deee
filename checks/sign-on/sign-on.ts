import { createHmac } from "node:crypto";
import { shortHash } from "../../lib/names.ts";
import { present } from "../../lib/present.ts";
import type { BrowserSession } from "../browser/person.ts";

/** A client of an identity provider, as far as names tell: both sides know it before either runs. */
export interface SignOnClient {
  /** Recipe whose users are signed on, and the client's id, unless its provider gives it one. */
  client: string;
  /** URL of the issuer of its tokens. */
  issuer: string;
  /** Where users may be sent back to, in full: of the app, and of its second one. */
  redirects: string[];
  /** Key of the recipe's secret that holds the client's. */
  secretKey: string;
  /** What stands in the recipe's values for the id that its provider gives it, once that runs. Default: its own name. */
  idToCome?: string;
}

/** What a provider gives a client that it names itself. */
export interface IssuedClient {
  id: string;
  secret: string;
}

/** The same with what nobody may see. */
export interface SignOn extends Omit<SignOnClient, "secretKey" | "idToCome"> {
  secret: string;
  /** Who can log in. */
  user: SignOnUser;
}

export interface SignOnUser {
  name: string;
  email: string;
  password: string;
}

/** Logs a user in at a provider's own pages, and agrees to what they ask, until they send the browser elsewhere. */
export type LogIn = (browser: BrowserSession, user: SignOnUser) => Promise<void>;

/** The ways to a token that need no browser. */
export const GRANTS = ["client_credentials", "password"] as const;
export type Grant = (typeof GRANTS)[number];

/**
 * A client with its secret, and with a user of its own. That one's password is made from the secret, so that whoever
 * has the one needs nobody to tell the other: the provider's side, and checks of the app in a later process.
 *
 * @param id the client's, where its provider gave it one: such a provider has the users of all its clients together, so
 * their names differ. Default: the recipe's name
 */
export function signOnOf({ secretKey: _, idToCome: __, ...client }: SignOnClient, secret: string, id?: string): SignOn {
  const password = createHmac("sha256", secret).update("the password of its user").digest("base64url");
  const name = id === undefined ? "ci-user" : `ci-user-${shortHash([client.client])}`;
  return { ...client, client: id ?? client.client, secret, user: { name, email: `${name}@example.org`, password } };
}

/**
 * A client as it is in a run.
 * @param clients what is known of all clients, by recipe
 * @param secret as the app, or its provider, has it
 */
export function signOnIn(
  clients: ReadonlyMap<string, IssuedClient> | undefined,
  client: SignOnClient,
  secret: string,
): SignOn {
  if (client.idToCome === undefined) return signOnOf(client, secret);
  return signOnOf(client, secret, present(clients?.get(client.client), `the client's id of ${client.client}`).id);
}

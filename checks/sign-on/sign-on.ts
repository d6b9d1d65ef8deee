import { createHmac } from "node:crypto";

/** A client of an identity provider, as far as names tell: both sides know it before either runs. */
export interface SignOnClient {
  /** Recipe whose users are signed on, and the client's id. */
  client: string;
  /** URL of the issuer of its tokens. */
  issuer: string;
  /** Where users may be sent back to, in full: of the app, and of its second one. */
  redirects: string[];
  /** Key of the recipe's secret that holds the client's. */
  secretKey: string;
}

/** The same with what nobody may see. */
export interface SignOn extends Omit<SignOnClient, "secretKey"> {
  secret: string;
  /** Who can log in. */
  user: { name: string; email: string; password: string };
}

/**
 * A client with its secret, and with a user of its own. That one's password is made from the secret, so that whoever
 * has the one needs nobody to tell the other: the provider's side, and checks of the app in a later process.
 */
export function signOnOf({ secretKey: _, ...client }: SignOnClient, secret: string): SignOn {
  const password = createHmac("sha256", secret).update("the password of its user").digest("base64url");
  return { ...client, secret, user: { name: "ci-user", email: "ci-user@example.org", password } };
}

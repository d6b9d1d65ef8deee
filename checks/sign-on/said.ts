import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { messageOf } from "../../lib/errors.ts";
import { namedOwner } from "../../lib/owner.ts";
import { CheckFailure } from "../check-failure.ts";

/** What a token says, signed by one of the keys. @throws CheckFailure for none, and for one that is not good */
export async function verifiedBy(
  keys: JWTVerifyGetKey,
  what: string,
  token: string | undefined,
  of: { issuer: string; audience?: string },
): Promise<JWTPayload> {
  if (token === undefined) throw new CheckFailure(`${what}: there is none`);
  return (await step(what, jwtVerify(token, keys, { ...of, requiredClaims: ["exp", "iat"] }))).payload;
}

export function about(claim: string, wanted: string, payload: JWTPayload): void {
  if (payload[claim] !== wanted) throw new CheckFailure(`${claim} of a token is ${payload[claim]}, and not ${wanted}`);
}

/** What the libraries throw is what they found of the provider, not a mistake in code. */
export async function step<T>(what: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (namedOwner(error)) throw error;
    throw new CheckFailure(`${what}: ${messageOf(error)}${causeOf(error)}`);
  });
}

/** What an error comes of, with a colon before it; an answer is named by its status. */
function causeOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  if (cause instanceof Response) return `: ${cause.status}`;
  return cause instanceof Error ? `: ${cause.message}` : "";
}

/** @throws CheckFailure where a provider gives what it must refuse */
export async function refused(otherwise: string, work: Promise<unknown>): Promise<void> {
  const given = await work.then(
    () => true,
    () => false,
  );
  if (given) throw new CheckFailure(otherwise);
}

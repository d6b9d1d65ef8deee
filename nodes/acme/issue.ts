import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, get } from "node:https";
import { rootCertificates } from "node:tls";
import acme from "acme-client";
import { InfraError, messageOf } from "../../lib/errors.ts";
import type { KeyAndCertificate } from "../authority.ts";
import { rootOf } from "./root-of.ts";

/** What is asked of an authority that speaks ACME (RFC 8555). */
export interface CertificateOrder {
  /** Address of its directory. */
  directory: string;
  /** Who is told of what goes wrong; undefined: nobody. */
  email?: string;
  /** Key of the account there, as PEM; it begins with the first order. */
  accountKey: string;
  /** The certificate is for it, and for all names one label below. */
  domain: string;
  /** Authorities beside the public ones, as PEM: of the directory's own TLS, or what a certificate leads to. */
  authorities?: string;
}

/** Where the world looks names up. */
export interface ChallengeRecords {
  /** The name says these texts (TXT) and no others, until the promise of `work` is settled. */
  saying<T>(name: string, texts: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** A certificate with what leads to its authority, its key, and the authority's own. */
export interface IssuedCertificate extends KeyAndCertificate {
  /** What clients trust, as PEM. */
  authority: string;
  /** When it ends, ISO 8601. */
  notAfter: string;
}

/** It may take a name server a while to say what it was told: so often a validation is tried, each in a new order. */
const TRIES = 3;
/** Seconds. */
const BACKOFF = { least: 0.25, most: 10 };
/** Looks at what an authority is at. */
const LOOKS = 30;

/**
 * Has a certificate issued for a domain and all names one label below it: both are shown to be ours by texts at
 * `_acme-challenge`, which go again whatever comes of it.
 *
 * @throws InfraError in the authority's own words; UserError where no authority is known that signed it
 */
export async function issueCertificate(
  order: CertificateOrder,
  records: ChallengeRecords,
  progress: (line: string) => void,
): Promise<IssuedCertificate> {
  const { directory, email, accountKey, domain, authorities = "" } = order;
  const agent = new Agent({ ca: [...rootCertificates, authorities] });
  await answers(directory, agent);
  acme.axios.defaults.httpsAgent = agent;
  const client = new acme.Client({
    directoryUrl: directory,
    accountKey,
    backoffAttempts: LOOKS,
    backoffMin: BACKOFF.least * 1000,
    backoffMax: BACKOFF.most * 1000,
  });
  const contact = email === undefined ? [] : [`mailto:${email}`];
  await client.createAccount({ termsOfServiceAgreed: true, contact }).catch((error: unknown) => {
    throw told(directory, error);
  });
  for (let tried = 1; ; tried++) {
    try {
      const issued = await validated(client, domain, records);
      return { ...issued, ...rootOf(issued.certificate, authorities) };
    } catch (error) {
      if (!(error instanceof NotValid) || tried === TRIES) throw told(directory, error);
      progress(`${directory} did not find what ${domain} says (${error.message}): once more`);
    }
  }
}

/** The authority looked, and did not find what it wanted. */
class NotValid extends Error {}

async function validated(client: acme.Client, domain: string, records: ChallengeRecords): Promise<KeyAndCertificate> {
  const names = [domain, `*.${domain}`];
  const order = await client.createOrder({ identifiers: names.map((value) => ({ type: "dns", value })) });
  const due = (await client.getAuthorizations(order)).filter(({ status }) => status === "pending");
  const challenges = due.flatMap((one) => one.challenges.filter(({ type }) => type === "dns-01"));
  const texts = await Promise.all(challenges.map((one) => client.getChallengeKeyAuthorization(one)));
  if (texts.length > 0)
    await records.saying(`_acme-challenge.${domain}`, texts, async () => {
      for (const one of challenges) await client.completeChallenge(one);
      await Promise.all(challenges.map((one) => client.waitForValidStatus(one))).catch((error: unknown) => {
        throw new NotValid(messageOf(error), { cause: error });
      });
    });
  const [key, csr] = await acme.crypto.createCsr({ altNames: names }, await acme.crypto.createPrivateEcdsaKey());
  const certificate = await client.getCertificate(await client.finalizeOrder(order, csr));
  return { key: key.toString(), certificate };
}

/** The client itself asks for more than a minute where nobody answers, and then says nothing of why. */
async function answers(directory: string, agent: Agent): Promise<void> {
  try {
    const asked = get(directory, { agent, signal: AbortSignal.timeout(30_000) });
    const [{ statusCode }] = (await once(asked, "response")) as [IncomingMessage];
    asked.destroy();
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  } catch (error) {
    throw told(directory, error);
  }
}

/** Errors that name an owner stay what they are. */
function told(directory: string, error: unknown): unknown {
  if (error instanceof Error && error.name !== "Error" && error.name !== "AxiosError") return error;
  const remedy = "look at recipe-ci:acme, and that the zone's name servers are those that the domain was given";
  return new InfraError(`no certificate of ${directory}: ${messageOf(error)}`, { remedy, cause: error });
}

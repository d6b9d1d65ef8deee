import type { Duration } from "../../lib/duration.ts";
import { InfraError } from "../../lib/errors.ts";
import type { Attempt } from "../../lib/until.ts";
import type { CheckContext } from "../check.ts";
import type { ProbeRequest } from "../probe.ts";
import { waitFor } from "../wait-for.ts";
import { linksIn } from "./links.ts";
import { API_PORT, mailServerOf } from "./server.ts";

/** Which mail is waited for. */
export interface MailWanted {
  /** Address of who gets it, be it by To, Cc or Bcc. */
  to: string;
  /** What its subject must hold or match. Default: any. */
  subject?: string | RegExp;
  /** How long it may take to come. Default `30 s`. */
  within?: Duration;
}

/** A mail as it came. */
export interface Mail {
  /** Address alone, as the mail says. */
  from: string;
  /** Addresses of all who got it. */
  to: string[];
  subject: string;
  /** Empty where it has none. */
  text: string;
  /** Empty where it has none. */
  html: string;
  /** Addresses that it leads to, of its HTML first, each once, in their order. */
  links: string[];
}

interface Address {
  Address: string;
}

/** What Mailpit says of one (its API v1). */
interface Summary {
  ID: string;
  From: Address | null;
  To: Address[] | null;
  Cc: Address[] | null;
  Bcc: Address[] | null;
  Subject: string;
}

/** Newest that are looked at. */
const MOST = 100;

/**
 * The oldest mail that fits, of those that nobody was given yet: who waits once more gets the next one.
 *
 * @throws CheckFailure where none comes in time, with those that came
 * @throws InfraError where what catches them does not answer
 */
export async function receiveMail(context: CheckContext, wanted: MailWanted): Promise<Mail> {
  const { signal, clock } = context;
  const api = <T>(path: string, request: Omit<ProbeRequest, "url"> = {}) => ask<T>(context, path, request);
  const look = async (): Promise<Attempt<Summary>> => {
    const { messages } = await api<{ messages: Summary[] }>(`messages?limit=${MOST}`);
    const found = messages.findLast((one) => fits(one, wanted));
    return found ? { done: true, value: found } : { done: false, reason: seen(messages) };
  };
  const subject = wanted.subject === undefined ? "" : ` with the subject ${wanted.subject}`;
  const what = `a mail to ${wanted.to}${subject}`;
  const found = await waitFor(look, { what, deadline: wanted.within ?? "30 s", owner: "recipe", signal, clock });
  const { Text, HTML } = await api<{ Text: string; HTML: string }>(`message/${found.ID}`);
  await api("messages", { method: "DELETE", body: JSON.stringify({ IDs: [found.ID] }) });
  const from = found.From?.Address ?? "";
  return { from, to: receivers(found), subject: found.Subject, text: Text, html: HTML, links: linksIn(HTML, Text) };
}

async function ask<T>(
  { app, probe, signal }: CheckContext,
  path: string,
  request: Omit<ProbeRequest, "url">,
): Promise<T> {
  const { host } = mailServerOf(app.namespace);
  const url = `http://${host}:${API_PORT}/api/v1/${path}`;
  const headers = { "Content-Type": "application/json" };
  const { status, body, error } = await probe.http({ ...request, headers, url }, signal);
  if (status !== 200)
    throw new InfraError(`what catches the app's mail does not answer: ${error ?? `status ${status}`}`);
  return (request.method === "DELETE" ? undefined : JSON.parse(body)) as T;
}

function fits(one: Summary, { to, subject = "" }: MailWanted): boolean {
  if (!receivers(one).some((address) => address.toLowerCase() === to.toLowerCase())) return false;
  return typeof subject === "string" ? one.Subject.includes(subject) : subject.test(one.Subject);
}

function receivers({ To, Cc, Bcc }: Summary): string[] {
  return [To, Cc, Bcc].flatMap((all) => (all ?? []).map(({ Address }) => Address));
}

function seen(messages: readonly Summary[]): string {
  const newest = messages.slice(0, 5).map((one) => `"${one.Subject}" to ${receivers(one).join(", ")}`);
  return newest.length > 0 ? `there is ${newest.join("; ")}` : "no mail came";
}

import { AssertionError } from "node:assert";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Duration } from "../lib/duration.ts";
import { messageOf } from "../lib/errors.ts";
import { meant } from "../lib/nearest.ts";
import { isMistake, namedOwner } from "../lib/owner.ts";
import type { Attempt } from "../lib/until.ts";
import type { BrowserSession } from "./browser/person.ts";
import type { CheckContext } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { execInService, type ServiceExecOptions } from "./exec.ts";
import { HttpSession, type HttpTarget } from "./http/http-session.ts";
import { type Mailbox, mailboxOf } from "./mail/mailbox.ts";
import { mountedSecret } from "./mounted-secret.ts";
import { namedService } from "./named-service.ts";
import { onlyDeclared } from "./only-declared.ts";
import type { Sidecar } from "./sidecar/exec.ts";
import type { Sidecars } from "./sidecar/sidecars.ts";
import { type SignOn, signOnIn } from "./sign-on/sign-on.ts";
import { openTls } from "./tls.ts";
import { waitFor } from "./wait-for.ts";

/** How long {@link AuthorContext.eventually} looks. */
export interface Within {
  /** Default `30 s`. */
  within?: Duration;
  /** What is waited for, for the error. Default: what the last look said. */
  what?: string;
}

/** What the code of a recipe's `ci.ts` may use. */
export interface AuthorContext extends CheckContext {
  /** A text of this run's own, the same in all its phases: for names of what is written and found again. */
  value: string;
  /** A browser without a past: cookies, forms, redirects, JSON. */
  http(target?: HttpTarget): HttpSession;
  /**
   * A browser that knows nothing yet, which sees the app as its users do: for checks that say `browser: {}`. Each call
   * is another person; who reads back what was written asks for a new one.
   */
  browser(): Promise<BrowserSession>;
  /** A connection to a port of a service, as the app's own networks have it. Destroy it in the end. */
  tcp(service: string, port: number): Promise<Duplex>;
  /** The same over TLS: any certificate is taken, and the socket tells which. */
  tls(service: string, port: number): Promise<TLSSocket>;
  /** Sends a datagram to a port of a service, and gives what comes back within a second. */
  udp(service: string, port: number, message: Uint8Array): Promise<Buffer>;
  /** A service of the app, by its key. */
  service(key: string): AppService;
  /**
   * A container of another image in the app's networks, by its name under `sidecars` of the definition: for what no
   * image of the app can do. It starts when it is first asked for something, and is gone when the code that asked ends.
   * What is written in it ends with it.
   */
  sidecar(name: string): Sidecar;
  /** Where the app's mail goes, and what came there: of one whose definition says `mail: true`. */
  mail: Mailbox;
  /** The value of a secret of the app, by its key, read where a service has it mounted. Never print it. */
  secret(key: string): Promise<string>;
  /** What the app needs, by recipe: only what its definition declares under `dependencies`. */
  needs: Readonly<Record<string, NeededApp>>;
  /** The client that the app is at its identity provider, and a user who can log in. Never print its secrets. */
  signOn(): Promise<SignOn>;
  /**
   * Logs that user in, where the browser stands at the provider's own pages, until they send it back to the app. How is
   * said by the provider's `ci.ts`: `signOn.logIn`.
   */
  logIn(browser: BrowserSession): Promise<void>;
  /**
   * Looks again, every 200 ms, as long as the look fails: by a `CheckFailure`, an assertion or a plain `Error`. A
   * mistake in the code ends it at once.
   */
  eventually<T>(look: () => Promise<T>, options?: Within): Promise<T>;
}

/** Another app, which runs beside the one that is tested. */
export type NeededApp = Pick<AuthorContext, "http" | "tcp" | "tls" | "udp" | "service" | "secret" | "mail"> & {
  /** Its own in this run; empty where its recipe has none. */
  domain: string;
};

export interface AppService {
  /** Its name in every network that it is in, which no other app's service bears: what a sidecar asks for. */
  readonly name: string;
  /** Runs a program in its container. @throws CheckFailure for an exit code that is not accepted */
  exec(argv: readonly [string, ...string[]], options?: ServiceExecOptions): ReturnType<typeof execInService>;
}

/**
 * @param sidecars those of this code alone, which who runs it ends
 * @param browser where the code says that it needs one
 */
export function authorContext(context: CheckContext, sidecars: Sidecars, browser = undeclared): AuthorContext {
  return {
    ...context,
    value: context.nonce,
    http: (target) => new HttpSession(context, target),
    browser,
    tcp: (key, port) => context.probe.open(namedService(context.app, key).name, port, context.signal),
    tls: (key, port) => openTls(context, namedService(context.app, key).name, port),
    udp: (key, port, message) => context.probe.udp(namedService(context.app, key).name, port, message, context.signal),
    service: (key) => ({
      get name() {
        return namedService(context.app, key).name;
      },
      exec: (argv, options) => execInService(context, key, argv, options),
    }),
    sidecar: (name) => sidecars.named(name),
    mail: mailboxOf(context),
    secret: (key) => mountedSecret(context, key),
    needs: neededApps(context, sidecars),
    signOn: () => signOn(context),
    logIn: (session) => logIn(context, session),
    eventually: (look, options) => eventually(context, look, options),
  };
}

function neededApps({ needed = {}, ...rest }: CheckContext, sidecars: Sidecars): AuthorContext["needs"] {
  const apps = Object.entries(needed).map(([name, app]): [string, NeededApp] => {
    const { http, tcp, tls, udp, service, secret, mail } = authorContext({ ...rest, app }, sidecars);
    return [name, { domain: app.domain ?? "", http, tcp, tls, udp, service, secret, mail }];
  });
  return onlyDeclared(Object.fromEntries(apps), (name, names) => {
    const remedy = meant(name, names, `it declares ${names.join(", ") || "none"}`);
    return new CheckFailure(`ci.ts asks for "${name}", which is no dependency of it: ${remedy}`, { owner: "author" });
  });
}

async function signOn(context: CheckContext): Promise<SignOn> {
  const client = context.signOnClient;
  if (client) return signOnIn(context.clients, client, (await mountedSecret(context, client.secretKey)).trim());
  throw new CheckFailure("ci.ts asks how users sign on, and does not say where: add signsOnAt", { owner: "author" });
}

async function logIn(context: CheckContext, session: BrowserSession): Promise<void> {
  const { user } = await signOn(context);
  if (context.logIn) return context.logIn(session, user);
  throw new CheckFailure("ci.ts asks that a user logs in, and its provider's does not say how: signOn.logIn", {
    owner: "author",
  });
}

// Who does not say so before has none when it comes to it.
async function undeclared(): Promise<BrowserSession> {
  throw new CheckFailure("ci.ts asks for a browser, and does not say so: add browser: {} to what asks", {
    owner: "author",
  });
}

async function eventually<T>(
  { signal, clock }: CheckContext,
  look: () => Promise<T>,
  { within = "30 s", what = "what ci.ts waits for" }: Within = {},
): Promise<T> {
  const attempt = async (): Promise<Attempt<T>> => {
    try {
      return { done: true, value: await look() };
    } catch (error) {
      signal.throwIfAborted();
      const failed = error instanceof AssertionError || error instanceof CheckFailure || !isMistake(error);
      if (!failed || namedOwner(error) === "infra") throw error;
      return { done: false, reason: messageOf(error) };
    }
  };
  return waitFor(attempt, { what, deadline: within, owner: "recipe", signal, clock });
}

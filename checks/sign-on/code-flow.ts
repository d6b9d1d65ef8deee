import * as openid from "openid-client";
import { present } from "../../lib/present.ts";
import type { BrowserSession } from "../browser/person.ts";
import { withBrowser } from "../browser/with-browser.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Known } from "./provider.ts";
import { about, refused, step, verifiedBy } from "./said.ts";
import type { LogIn, SignOn } from "./sign-on.ts";

interface ByCode {
  known: Known;
  logIn: LogIn;
  /** Name of the check. */
  check: string;
}

const NOBODY_THERE = "users are sent back to an app that is not deployed yet";

/**
 * That a person who logs in at a provider is sent back to the client with a code, for which it gets tokens about that
 * person, and with a wrong secret none (authorization code flow with PKCE). The client itself need not run: what is of
 * it is done here.
 *
 * @throws CheckFailure for what does not hold
 */
export async function signsOnByCode(context: CheckContext, signOn: SignOn, by: ByCode): Promise<void> {
  const { issuer, client, secret, user, redirects } = signOn;
  const { keys, config, discover } = by.known;
  const redirect = present(redirects[0], `a redirect of ${client}`);
  const use = { allow: [{ error: new URL(redirect).origin, reason: NOBODY_THERE }] };
  const work = async (begin: () => Promise<BrowserSession>) => {
    const browser = await begin();
    const request = await CodeRequest.to(redirect);
    const back = waitForBack(browser, redirect);
    // Nobody waits for it any more where the log-in fails.
    back.catch(() => undefined);
    await browser.open(request.at(config));
    await by.logIn(browser, user);
    const tokens = await request.tokens(config, await back);
    const id = await verifiedBy(keys, "the user's id token", tokens.id_token, { issuer, audience: client });
    about("nonce", request.nonce, id);
    about("preferred_username", user.name, id);
    const person = await step("userinfo", openid.fetchUserInfo(config, tokens.access_token, String(id.sub)));
    about("preferred_username", user.name, person);

    // Who is logged in is sent back at once, with another code.
    const again = await CodeRequest.to(redirect);
    const second = waitForBack(browser, redirect);
    await browser.page.goto(again.at(config), { waitUntil: "commit" }).catch(() => undefined);
    const stranger = await discover(`not-${secret}`);
    await refused("a wrong secret gets a token as well", again.tokens(stranger, await second));
  };
  await withBrowser(context, { check: by.check, use, work });
}

/** What the browser asks for as it is sent back to the client, whatever it finds there. */
async function waitForBack({ page }: BrowserSession, redirect: string): Promise<URL> {
  const isBack = (url: string) => url.startsWith(`${redirect}?`);
  const waiting = page.waitForRequest((request) => request.isNavigationRequest() && isBack(request.url()), {
    timeout: 60_000,
  });
  const url = await waiting.then(
    (request) => new URL(request.url()),
    (error: unknown) => error,
  );
  if (url instanceof URL) return url;
  throw new CheckFailure(`nobody is sent back to ${redirect}: the browser is at ${page.url()}`);
}

/** One request of a client for a person's consent: with what only its answer may fit. */
class CodeRequest {
  readonly nonce = openid.randomNonce();
  private readonly state = openid.randomState();
  private readonly redirect: string;
  private readonly verifier: string;
  private readonly challenge: string;

  private constructor(redirect: string, verifier: string, challenge: string) {
    this.redirect = redirect;
    this.verifier = verifier;
    this.challenge = challenge;
  }

  static async to(redirect: string): Promise<CodeRequest> {
    const verifier = openid.randomPKCECodeVerifier();
    return new CodeRequest(redirect, verifier, await openid.calculatePKCECodeChallenge(verifier));
  }

  /** Where the browser goes. */
  at(config: openid.Configuration): string {
    return openid.buildAuthorizationUrl(config, {
      redirect_uri: this.redirect,
      scope: "openid profile email",
      code_challenge: this.challenge,
      code_challenge_method: "S256",
      state: this.state,
      nonce: this.nonce,
    }).href;
  }

  /** What the provider gives for the code that came back. */
  async tokens(config: openid.Configuration, back: URL) {
    const checks = { pkceCodeVerifier: this.verifier, expectedState: this.state, expectedNonce: this.nonce };
    const given = openid.authorizationCodeGrant(config, back, { ...checks, idTokenExpected: true });
    return step("authorization code", given);
  }
}

import { type AuthorContext, type BrowserSession, CheckFailure, defineRecipe, sqlSeed } from "recipe-ci";

/** Logs in as people do whose accounts are Gitea's: through a browser, from one to the other and back. */
async function signIn(context: AuthorContext): Promise<BrowserSession> {
  const browser = await context.browser();
  const page = await browser.open("/");
  await page.locator('a[href$="/oauth2/oidc/redirect"]').click();
  await context.logIn(browser);
  await page.waitForURL((url) => url.hostname === context.app.domain && !url.pathname.startsWith("/oauth2"));
  return browser;
}

export default defineRecipe({
  name: "miniflux",
  source: { folder: "tests/recipes/miniflux" },
  // The client's id is one that Gitea chooses, once it runs.
  env: ({ needs: { gitea } }) => ({
    COMPOSE_FILE: "compose.yml:compose.oidc.yml",
    OIDC_NAME: "Gitea",
    OIDC_ISSUER: gitea.signOn.issuer,
    OIDC_CLIENT_ID: gitea.signOn.client,
  }),
  dependencies: ["gitea"],
  signsOnAt: { provider: "gitea", secret: "oidc_secret", redirects: ["/oauth2/oidc/callback"] },
  health: { http: { path: "/healthcheck", body: "OK" } },
  seeds: [sqlSeed({ kind: "postgres", database: "miniflux", password: "db_password" })],
  journeys: [
    {
      name: "sign-on",
      title: "Who logs in by Gitea has an account, and finds there what it made ever after",
      browser: {},
      prepare: async (context) => {
        const browser = await signIn(context);
        const page = await browser.open("/category/create");
        await page.locator("#form-title").fill(context.value);
        await page.locator('form[action$="/category/save"] button[type="submit"]').click();
        await page.waitForURL((url) => url.pathname === "/categories");
      },
      verify: async (context) => {
        const { user } = await context.signOn();
        const browser = await signIn(context);
        const page = await browser.open("/categories");
        const shown = await page.locator("main").innerText();
        if (!shown.includes(context.value)) throw new CheckFailure(`${user.name} has no category ${context.value}`);
        return { summary: `${user.name}, ${context.value}` };
      },
    },
  ],
  custom: [
    {
      name: "asks-gitea",
      title: "Who wants to log in is sent to Gitea, as the client that Gitea knows and back to this app",
      after: ["install", "custom"],
      run: async (context) => {
        const { client, redirects } = await context.signOn();
        const answer = await context.http().get("/oauth2/oidc/redirect", { follow: false, accept: [302] });
        const to = new URL(answer.header("location") ?? "");
        const said = { client: to.searchParams.get("client_id"), back: to.searchParams.get("redirect_uri") };
        if (said.client !== client) throw new CheckFailure(`the client is ${said.client}, and not ${client}`);
        if (said.back === null || !redirects.includes(said.back))
          throw new CheckFailure(`the way back is ${said.back}`);
        return { summary: `${to.origin}, ${client}` };
      },
    },
    {
      name: "closed",
      title: "Nobody reads anything without having logged in",
      run: async ({ http }) => {
        const visitor = http();
        await visitor.get("/v1/me", { accept: [401] });
        const page = await visitor.get("/categories");
        if (!page.body.includes("/oauth2/oidc/redirect")) throw new CheckFailure("/categories asks nobody to log in");
        return { summary: "401, and the way to log in" };
      },
    },
  ],
});

import { type AuthorContext, CheckFailure, type HttpSession, type LogIn, type SignOnProvider } from "recipe-ci";
import { API, asAdmin } from "./accounts.ts";

const APPLICATIONS = `${API}/user/applications/oauth2`;

interface Application {
  client_id: string;
  client_secret: string;
  redirect_uris: string[];
}

/** Makes the user, or has it as it is to be. */
async function ensureUser(admin: HttpSession, { name, email, password }: Parameters<LogIn>[1]): Promise<void> {
  const account = { username: name, email, password, must_change_password: false };
  const made = await admin.post(`${API}/admin/users`, { json: account, accept: [201, 422] });
  if (made.status === 201) return;
  const changed = { source_id: 0, login_name: name, email, password, must_change_password: false };
  await admin.send("PATCH", `${API}/admin/users/${name}`, { json: changed });
}

/** A change of an application gives it another secret, so one that is not as it is to be stays so. */
async function assertKnown(admin: HttpSession, id: string, redirects: readonly string[]): Promise<void> {
  const all = (await admin.get(`${APPLICATIONS}?limit=50`)).json<Application[]>();
  const known = all.find(({ client_id }) => client_id === id);
  if (!known) throw new CheckFailure(`Gitea has no client ${id} any more: its data are others`);
  const missing = redirects.find((one) => !known.redirect_uris.includes(one));
  if (missing) throw new CheckFailure(`the client ${id} was made without ${missing}: destroy, and start anew`);
}

const logIn: LogIn = async (browser, { name, password }) => {
  const { page } = browser;
  await page.locator("#user_name").fill(name);
  const { host } = new URL(page.url());
  await browser.fillSecret(page.locator("#password"), password);
  await page.locator('form[action$="/user/login"] button').click();
  await page.waitForURL((url) => url.host !== host || url.pathname === "/login/oauth/authorize");
  // Who has agreed before is not asked again.
  if (new URL(page.url()).host !== host) return;
  const agree = page.locator("#authorize-app");
  if ((await agree.count()) === 0) {
    const said = await page.locator(".page-content").innerText();
    throw new CheckFailure(`Gitea does not ask ${name} to agree: ${said.replace(/\s+/g, " ").trim()}`);
  }
  await agree.click();
  await page.waitForURL((url) => url.host !== host);
};

/** Accounts of Gitea's for other apps: an administrator makes an OAuth2 application for each, as people do by its form. */
export const provider: SignOnProvider = {
  issuer: ({ domain }) => `https://${domain}`,
  issue: async (context: AuthorContext, { recipe, redirects }) => {
    const admin = await asAdmin(context);
    const wanted = { name: recipe, redirect_uris: redirects, confidential_client: true };
    const made = (await admin.post(APPLICATIONS, { json: wanted })).json<Application>();
    return { id: made.client_id, secret: made.client_secret };
  },
  register: async (context, { client, redirects, user }) => {
    const admin = await asAdmin(context);
    await assertKnown(admin, client, redirects);
    await ensureUser(admin, user);
  },
  logIn,
  lacks: {
    client_credentials: "Gitea's token endpoint knows the grants authorization_code and refresh_token alone",
    password: "Gitea's token endpoint knows the grants authorization_code and refresh_token alone",
  },
};

import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import {
  type AuthorContext,
  CheckFailure,
  defineRecipe,
  type HttpSession,
  httpSeed,
  type SignOn,
  sqlSeed,
} from "recipe-ci";

const REALM = "ci";
const CLIENT = "ci-client";
const USER = "ci-user";
const passwordOf = ({ value }: AuthorContext) => `correct-horse-${value}`;

/** A token by a user's password. */
async function token(context: AuthorContext, realm: string, form: Record<string, string>): Promise<string> {
  const path = `/realms/${realm}/protocol/openid-connect/token`;
  const answer = await context.http().post(path, { form: { grant_type: "password", ...form } });
  return answer.json<{ access_token: string }>().access_token;
}

/** A session with the rights of the admin, which the recipe's secret gives. */
async function asAdmin(context: AuthorContext): Promise<HttpSession> {
  const password = await context.secret("admin_password");
  const bearer = await token(context, "master", { client_id: "admin-cli", username: "admin", password });
  return context.http({ headers: { Authorization: `Bearer ${bearer}` } });
}

/** Makes something, or has what is there as it is to be. */
async function ensure(admin: HttpSession, path: string, key: string, value: Record<string, unknown>): Promise<string> {
  await admin.post(path, { json: value, accept: [201, 409] });
  const query = new URLSearchParams({ [key]: String(value[key]), exact: "true" });
  const [found] = (await admin.get(`${path}?${query}`)).json<{ id: string }[]>();
  if (!found) throw new CheckFailure(`${path} has no ${value[key]}, which was just made`);
  await admin.send("PUT", `${path}/${found.id}`, { json: value });
  return found.id;
}

/** Each client has a realm of its own, in which it and its user are all there is. */
async function register(context: AuthorContext, { client, secret, redirects, user }: SignOn): Promise<void> {
  const admin = await asAdmin(context);
  await admin.post("/admin/realms", { json: { realm: client, enabled: true }, accept: [201, 409] });
  await ensure(admin, `/admin/realms/${client}/clients`, "clientId", {
    clientId: client,
    secret,
    redirectUris: redirects,
    publicClient: false,
    standardFlowEnabled: true,
    directAccessGrantsEnabled: true,
    serviceAccountsEnabled: true,
  });
  const person = { firstName: "Ci", lastName: "User", email: user.email, emailVerified: true };
  const users = `/admin/realms/${client}/users`;
  const id = await ensure(admin, users, "username", { username: user.name, enabled: true, ...person });
  const password = { type: "password", value: user.password, temporary: false };
  await admin.send("PUT", `${users}/${id}/reset-password`, { json: password });
}

export default defineRecipe({
  name: "keycloak",
  source: { folder: "tests/recipes/keycloak", releases: "tests/releases/keycloak" },
  env: { ADMIN_USERNAME: "admin" },
  health: { http: { path: "/realms/master", json: { realm: "master" }, within: "120 s" } },
  signOn: { issuer: ({ domain }, client) => `https://${domain}/realms/${client}`, register },
  // It keeps realms in memory, and so those of the empty database it began with.
  afterRestore: "restart",
  seeds: [
    sqlSeed({ kind: "mariadb", database: "keycloak", password: "db_password" }),
    httpSeed({
      name: "realm",
      session: asAdmin,
      path: "/admin/realms/seed",
      value: (answer) => answer.json<{ displayName?: string }>().displayName,
      write: async (admin, displayName) => {
        const realm = { realm: "seed", displayName, enabled: true };
        const made = await admin.post("/admin/realms", { json: realm, accept: [201, 409] });
        if (made.status === 409) await admin.send("PUT", "/admin/realms/seed", { json: { displayName } });
      },
    }),
  ],
  journeys: [
    {
      name: "login",
      title: "A user made once gets a token, signed by the realm and about that user",
      prepare: async (context) => {
        const admin = await asAdmin(context);
        await admin.post("/admin/realms", { json: { realm: REALM, enabled: true } });
        const client = { clientId: CLIENT, publicClient: true, directAccessGrantsEnabled: true };
        await admin.post(`/admin/realms/${REALM}/clients`, { json: client });
        const credentials = [{ type: "password", value: passwordOf(context), temporary: false }];
        const person = { firstName: "Ci", lastName: context.value, email: "ci@example.org", emailVerified: true };
        await admin.post(`/admin/realms/${REALM}/users`, {
          json: { username: USER, enabled: true, credentials, ...person },
        });
      },
      verify: async (context) => {
        const form = { client_id: CLIENT, username: USER, password: passwordOf(context), scope: "openid" };
        const signed = await token(context, REALM, form);
        const certs = await context.http().get(`/realms/${REALM}/protocol/openid-connect/certs`);
        const keys = createLocalJWKSet(certs.json<JSONWebKeySet>());
        const issuer = `https://${context.app.domain}/realms/${REALM}`;
        const { payload } = await jwtVerify(signed, keys, { issuer }).catch((error: Error) => {
          throw new CheckFailure(`the token is not good: ${error.message}`);
        });
        if (payload.family_name !== context.value) throw new CheckFailure(`it is about ${payload.family_name}`);
        return { summary: `${payload.iss}, ${payload.preferred_username}` };
      },
    },
  ],
  custom: [
    {
      name: "discovery",
      title: "Clients find all endpoints under the app's own domain",
      run: async ({ http, app }) => {
        const answer = await http().get("/realms/master/.well-known/openid-configuration");
        const urls = Object.entries(answer.json<Record<string, unknown>>()).filter(([key]) =>
          /_endpoint$|^issuer$/.test(key),
        );
        const wrong = urls.filter(([, url]) => !String(url).startsWith(`https://${app.domain}/`));
        if (wrong.length > 0) throw new CheckFailure(wrong.map(([key, url]) => `${key} is ${url}`).join("; "));
        return { summary: `${urls.length} of them` };
      },
    },
    {
      name: "refuses",
      title: "A wrong password gets no token",
      run: async ({ http }) => {
        const form = { grant_type: "password", client_id: "admin-cli", username: "admin", password: "wrong" };
        const answer = await http().post("/realms/master/protocol/openid-connect/token", { form, accept: [401] });
        return { summary: String(answer.json<{ error: string }>().error) };
      },
    },
  ],
});

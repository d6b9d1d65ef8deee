import { randomUUID } from "node:crypto";
import { type AuthorContext, CheckFailure, defineRecipe, fileSeed, httpSeed, sqlSeed } from "recipe-ci";
import { API, asAdmin, asUser, tokenOf } from "./accounts.ts";
import { cloned } from "./git.ts";
import { provider } from "./provider.ts";

const FILE = "README.md";
const repositoryOf = ({ value }: AuthorContext) => `journey-${value}`;

/** Logs in as people do whose accounts are Keycloak's: through a browser, from one to the other and back. */
async function signIn(context: AuthorContext) {
  const { user } = await context.signOn();
  const browser = await context.browser();
  const page = await browser.open("/user/login");
  await page.locator('a[href$="/user/oauth2/keycloak"]').click();
  await page.getByLabel("Username").fill(user.name);
  await browser.fillSecret(page.getByLabel("Password", { exact: true }), user.password);
  await page.getByRole("button", { name: "Sign In" }).click();
  await page.waitForURL((url) => url.hostname === context.app.domain && !url.pathname.startsWith("/user/oauth2"));
  await browser.open("/user/settings");
  const name = await page.locator("input#username").inputValue();
  if (name !== user.name) throw new CheckFailure(`${user.name} of Keycloak is ${name} here`);
  return { browser, page, user: name };
}

const CLOSED = { GITEA_DISABLE_REGISTRATION: "true", GITEA_ENABLE_AUTO_REGISTRATION: "true" };

export default defineRecipe({
  name: "gitea",
  source: { folder: "tests/recipes/gitea", releases: "tests/releases/gitea" },
  env: ({ needs: { keycloak } }) => ({
    COMPOSE_FILE: "compose.yml:compose.mariadb.yml:compose.keycloak.yml",
    ...CLOSED,
    KEYCLOAK_URL: keycloak.signOn.issuer,
    KEYCLOAK_CLIENT_ID: keycloak.signOn.client,
  }),
  dependencies: ["keycloak"],
  signsOnAt: {
    provider: "keycloak",
    secret: "keycloak_client_secret",
    redirects: ["/user/oauth2/keycloak/callback"],
  },
  signOn: provider,
  // As others need it, it has accounts of its own, and its data in sqlite.
  asDependency: { dependencies: [], signsOnAt: undefined, env: { COMPOSE_FILE: "compose.yml", ...CLOSED } },
  health: { http: { path: "/api/healthz", json: { status: "pass" } } },
  // It holds queues and indexes open that come back as files.
  afterRestore: "restart",
  seeds: [
    sqlSeed({ kind: "mariadb", database: "gitea", password: "db_password" }),
    fileSeed({ path: "/var/lib/gitea/custom/seed.txt" }),
    httpSeed({
      name: "user",
      session: asAdmin,
      path: `${API}/users/seed`,
      value: (answer) => answer.json<{ full_name?: string }>().full_name,
      write: async (admin, full_name) => {
        const account = { username: "seed", email: "seed@example.org", password: randomUUID() };
        await admin.post(`${API}/admin/users`, { json: account, accept: [201, 422] });
        const changed = { source_id: 0, login_name: "seed", full_name };
        await admin.send("PATCH", `${API}/admin/users/seed`, { json: changed });
      },
    }),
  ],
  journeys: [
    {
      name: "push",
      title: "Who logs in by Keycloak pushes commits over HTTP, and clones them ever after",
      browser: {},
      prepare: async (context) => {
        // Operators call it once more where something of the client is another.
        for (const _ of ["added", "corrected"]) await context.service("app").exec(["/usr/local/bin/sign_on.sh"]);
        const { user } = await signIn(context);
        const session = await asUser(context, user);
        const name = repositoryOf(context);
        await session.post(`${API}/user/repos`, { json: { name, private: true } });
        const pusher = { name: user, token: await tokenOf(context, user) };
        await cloned(context, `${user}/${name}`, pusher, (clone) =>
          clone.push(FILE, `# written by ${context.value}\n`, `first of ${context.value}`),
        );
      },
      verify: async (context) => {
        const { browser, page, user } = await signIn(context);
        const repository = `${user}/${repositoryOf(context)}`;
        const pusher = { name: user, token: await tokenOf(context, user) };
        const commits = await cloned(context, repository, pusher, async (clone) => {
          const text = await clone.read(FILE);
          if (text !== `# written by ${context.value}\n`) throw new CheckFailure(`${FILE} is ${JSON.stringify(text)}`);
          const all = await clone.log();
          if (all.at(-1) !== `first of ${context.value}`) throw new CheckFailure(`its commits are ${all.join(", ")}`);
          await clone.push("more.txt", `${all.length + 1}\n`, `commit ${all.length + 1} of ${context.value}`);
          return all.length + 1;
        });
        const again = await cloned(context, repository, pusher, (clone) => clone.log());
        if (again.length !== commits) throw new CheckFailure(`${again.length} commits came back of ${commits}`);
        await browser.open(`/${repository}`);
        const shown = await page.locator("body").innerText();
        if (!shown.includes(`written by ${context.value}`))
          throw new CheckFailure(`the page of ${repository} lacks its text`);
        return { summary: `${commits} commits in ${repository}` };
      },
    },
  ],
  custom: [
    {
      name: "version",
      title: "The app is told the version that its image has",
      after: ["install", "upgrade"],
      run: async ({ http, app }) => {
        const { version } = (await http().get(`${API}/version`)).json<{ version: string }>();
        const image = app.services.find(({ key }) => key === "app")?.image ?? "";
        if (!image.includes(`:${version}-rootless`)) throw new CheckFailure(`${image} says that it is ${version}`);
        return { summary: version };
      },
    },
    {
      name: "discovery",
      title: "Apps that sign on here find all endpoints under the app's own domain",
      after: ["custom", "restore"],
      run: async ({ http, app }) => {
        const answer = await http().get("/.well-known/openid-configuration");
        const urls = Object.entries(answer.json<Record<string, unknown>>()).filter(([key]) =>
          /_endpoint$|^jwks_uri$/.test(key),
        );
        const wrong = urls.filter(([, url]) => !String(url).startsWith(`https://${app.domain}/`));
        if (wrong.length > 0) throw new CheckFailure(wrong.map(([key, url]) => `${key} is ${url}`).join("; "));
        return { summary: `${urls.length} of them` };
      },
    },
    {
      name: "ssh",
      title: "Git over SSH is served",
      run: async (context) => {
        const socket = await context.tcp("app", 2222);
        try {
          for await (const piece of socket) {
            const banner = String(piece).split("\r\n", 1)[0] ?? "";
            if (!banner.startsWith("SSH-2.0-")) throw new CheckFailure(`it says ${banner}`);
            return { summary: banner };
          }
          throw new CheckFailure("the server ends the connection, and says nothing");
        } finally {
          socket.destroy();
        }
      },
    },
    {
      name: "closed",
      title: "Nobody pushes or reads what is private without a token, and nobody registers by a form",
      run: async (context) => {
        const { user } = await context.signOn();
        const stranger = context.http();
        const repository = `/${user.name}/${repositoryOf(context)}`;
        await stranger.get(`${repository}.git/info/refs?service=git-receive-pack`, { accept: [401] });
        await stranger.get(repository, { accept: [404] });
        await stranger.get(`${API}/user`, { headers: { Authorization: "token wrong" }, accept: [401] });
        const form = await stranger.get("/user/sign_up");
        if (/name="password"/.test(form.body)) throw new CheckFailure("/user/sign_up has a form to register by");
        return { summary: "401, 404, 401, and no form" };
      },
    },
  ],
});

import { type AuthorContext, CheckFailure, defineRecipe, fileSeed, type HttpSession, sqlSeed } from "recipe-ci";

/** Ids keep their name when the app goes to another domain: a server's can never be changed. */
const SERVER = "matrix.example.org";
const ALIAS = `#ci:${SERVER}`;
const CLIENT = "/_matrix/client/v3";
const passwordOf = ({ value }: AuthorContext, user: string) => `correct-horse-${user}-${value}`;

// The admin API answers inside the container alone, so it is asked there; user and password come by stdin.
const REGISTER = `
import hashlib, hmac, json, sys, urllib.error, urllib.request
def ask(body=None):
    request = urllib.request.Request("http://localhost:8008/_synapse/admin/v1/register", body and json.dumps(body).encode())
    try:
        return json.load(urllib.request.urlopen(request, timeout=20))
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} {error.read().decode()}")
user = json.load(sys.stdin)
with open("/run/secrets/registration") as file:
    shared = file.read().strip().encode()
nonce = ask()["nonce"]
mac = hmac.new(shared, "\\0".join([nonce, user["username"], user["password"], "notadmin"]).encode(), hashlib.sha1)
ask({**user, "nonce": nonce, "admin": False, "mac": mac.hexdigest()})
`;

interface Event {
  type: string;
  sender: string;
  content: { body?: string };
}

interface Sync {
  next_batch: string;
  rooms?: { join?: Record<string, { timeline: { events: Event[] } }> };
}

async function register(context: AuthorContext, username: string): Promise<void> {
  const input = JSON.stringify({ username, password: passwordOf(context, username) });
  await context.service("app").exec(["python3", "-c", REGISTER], { input });
}

async function logIn(context: AuthorContext, user: string): Promise<HttpSession> {
  const answer = await context.http().post(`${CLIENT}/login`, { json: credentials(user, passwordOf(context, user)) });
  const { access_token } = answer.json<{ access_token: string }>();
  return context.http({ headers: { Authorization: `Bearer ${access_token}` } });
}

function credentials(user: string, password: string) {
  return { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
}

async function roomOf(session: HttpSession): Promise<string> {
  const answer = await session.get(`${CLIENT}/directory/room/${encodeURIComponent(ALIAS)}`);
  return answer.json<{ room_id: string }>().room_id;
}

/** Each text goes under a name of its own, by which a server knows it from one that is sent twice. */
async function send(session: HttpSession, room: string, name: string, body: string): Promise<void> {
  const path = `${CLIENT}/rooms/${encodeURIComponent(room)}/send/m.room.message/${name}`;
  await session.send("PUT", path, { json: { msgtype: "m.text", body } });
}

/**
 * A client's look at a room: the last messages, or those after an earlier look. The server keeps an answer for two
 * minutes, so who asks again says where it was.
 */
async function look(session: HttpSession, room: string, since?: string): Promise<{ messages: Event[]; next: string }> {
  const filter = JSON.stringify({ room: { timeline: { limit: 50, types: ["m.room.message"] } } });
  const query = new URLSearchParams({ filter, timeout: since ? "5000" : "0", ...(since && { since }) });
  const answer = await session.get(`${CLIENT}/sync?${query}`);
  const { next_batch, rooms } = answer.json<Sync>();
  return { messages: rooms?.join?.[room]?.timeline.events ?? [], next: next_batch };
}

/** Logs in as people do whose accounts are Keycloak's: through a browser, from one to the other and back. */
async function signIn(context: AuthorContext): Promise<{ session: HttpSession; user: string }> {
  const { user } = await context.signOn();
  const browser = await context.browser();
  const back = `https://${context.app.domain}/_matrix/static/`;
  const page = await browser.open(
    `${CLIENT}/login/sso/redirect/oidc-keycloak?${new URLSearchParams({ redirectUrl: back })}`,
  );
  await page.getByLabel("Username").fill(user.name);
  await browser.fillSecret(page.getByLabel("Password", { exact: true }), user.password);
  await page.getByRole("button", { name: "Sign In" }).click();
  // Synapse asks whether that is the right place, before anybody is sent there with a token.
  const href = await page.locator(`a[href^="${back}"]`).first().getAttribute("href");
  const token = new URL(href ?? "", back).searchParams.get("loginToken");
  if (!token) throw new CheckFailure(`Synapse sends nobody on with a token: ${page.url()}`);
  const answer = await context.http().post(`${CLIENT}/login`, { json: { type: "m.login.token", token } });
  const { access_token, user_id } = answer.json<{ access_token: string; user_id: string }>();
  return { session: context.http({ headers: { Authorization: `Bearer ${access_token}` } }), user: user_id };
}

const nameOf = (user: string) => `${CLIENT}/profile/${encodeURIComponent(user)}/displayname`;

export default defineRecipe({
  name: "matrix-synapse",
  source: { folder: "tests/recipes/matrix-synapse", releases: "tests/releases/matrix-synapse" },
  // As many logins as a run has; the default is five, and one more every five minutes.
  env: ({ needs: { keycloak } }) => ({
    ...{ SERVER_NAME: SERVER, LOGIN_LIMIT_IP_BURST: "100", LOGIN_LIMIT_ACCOUNT_BURST: "100" },
    COMPOSE_FILE: "compose.yml:compose.keycloak.yml",
    KEYCLOAK_ENABLED: "1",
    KEYCLOAK_URL: keycloak.signOn.issuer,
    KEYCLOAK_CLIENT_ID: keycloak.signOn.client,
  }),
  dependencies: ["keycloak"],
  signsOnAt: {
    provider: "keycloak",
    secret: "keycloak_client_secret",
    redirects: ["/_synapse/client/oidc/callback"],
  },
  health: { http: { path: "/_matrix/client/versions", contentType: "application/json", body: "v1.11" } },
  // It keeps in memory what it read and how far it wrote, and so of the empty database it began with.
  afterRestore: "restart",
  seeds: [
    sqlSeed({ kind: "postgres", database: "synapse", password: "db_password" }),
    fileSeed({ path: "/data/media_store/seed.txt" }),
  ],
  journeys: [
    {
      name: "sign-on",
      title: "Who logs in by Keycloak has an account, and the same one ever after",
      browser: {
        allow: [{ error: "https://matrix.org/img/", reason: "Synapse's own pages have their logo from there" }],
      },
      prepare: async (context) => {
        const { session, user } = await signIn(context);
        await session.send("PUT", nameOf(user), { json: { displayname: context.value } });
      },
      verify: async (context) => {
        const { session, user } = await signIn(context);
        const { displayname } = (await session.get(nameOf(user))).json<{ displayname?: string }>();
        if (displayname !== context.value) throw new CheckFailure(`${user} is called ${displayname}`);
        return { summary: user };
      },
    },
    {
      name: "message",
      title: "What one user sends, the other receives, and finds again",
      prepare: async (context) => {
        for (const user of ["alice", "bob"]) await register(context, user);
        const [alice, bob] = [await logIn(context, "alice"), await logIn(context, "bob")];
        const invite = [`@bob:${SERVER}`];
        const made = await alice.post(`${CLIENT}/createRoom`, { json: { room_alias_name: "ci", invite } });
        const { room_id } = made.json<{ room_id: string }>();
        await bob.post(`${CLIENT}/join/${encodeURIComponent(room_id)}`, { json: {} });
        await send(alice, room_id, "first", `first of ${context.value}`);
      },
      verify: async (context) => {
        const [alice, bob] = [await logIn(context, "alice"), await logIn(context, "bob")];
        const room = await roomOf(bob);
        const before = await look(bob, room);
        const count = before.messages.length;
        const texts = before.messages
          .filter(({ sender }) => sender === `@alice:${SERVER}`)
          .map(({ content }) => content.body);
        if (!texts.includes(`first of ${context.value}`))
          throw new CheckFailure(`bob does not find alice's first message among ${count}`);
        const text = `message ${count + 1} of ${context.value}`;
        await send(alice, room, `message-${count + 1}`, text);
        let { next: since } = before;
        await context.eventually(async () => {
          const { messages, next } = await look(bob, room, since);
          since = next;
          if (!messages.some(({ content }) => content.body === text))
            throw new CheckFailure(`bob does not get "${text}"`);
        });
        return { summary: `${count + 1} messages in ${ALIAS}`, details: { room } };
      },
    },
  ],
  custom: [
    {
      name: "version",
      title: "Other servers are told the version that the image has",
      after: ["install", "upgrade"],
      run: async ({ http, app }) => {
        const answer = await http().get("/_matrix/federation/v1/version");
        const { server } = answer.json<{ server: { name: string; version: string } }>();
        const image = app.services.find(({ key }) => key === "app")?.image ?? "";
        if (!image.includes(`:v${server.version}`))
          throw new CheckFailure(`${image} says that it is ${server.version}`);
        return { summary: `${server.name} ${server.version}` };
      },
    },
    {
      name: "admin-closed",
      title: "The admin API is not reached from outside, and registration is closed",
      run: async ({ http }) => {
        const visitor = http();
        await visitor.get("/_synapse/admin/v1/register", { accept: [404] });
        const answer = await visitor.post(`${CLIENT}/register`, { json: {}, accept: [403] });
        return { summary: answer.json<{ errcode: string }>().errcode };
      },
    },
    {
      name: "media",
      title: "A file that one user uploads is downloaded by the other, byte for byte",
      after: ["custom", "restore"],
      run: async (context) => {
        const text = `uploaded by ${context.value}`;
        const [alice, bob] = [await logIn(context, "alice"), await logIn(context, "bob")];
        const headers = { "Content-Type": "text/plain" };
        const uploaded = await alice.post("/_matrix/media/v3/upload?filename=ci.txt", { headers, body: text });
        const uri = uploaded.json<{ content_uri: string }>().content_uri;
        const { body } = await bob.get(`/_matrix/client/v1/media/download/${uri.replace("mxc://", "")}`);
        if (body !== text) throw new CheckFailure(`${uri} holds ${body.length} bytes, and not what was sent`);
        return { summary: uri };
      },
    },
    {
      name: "refuses",
      title: "A wrong password gets no token",
      run: async ({ http }) => {
        const answer = await http().post(`${CLIENT}/login`, { json: credentials("alice", "wrong"), accept: [403] });
        return { summary: answer.json<{ errcode: string }>().errcode };
      },
    },
  ],
});

import { type AuthorContext, CheckFailure, defineRecipe, fileSeed, type HttpSession, sqlSeed } from "recipe-ci";

// The site goes by whatever domain it is asked for, so that a copy under another one is a site of its own; and it asks
// nobody outside for updates.
const CONFIG = `
$host = $_SERVER['HTTP_HOST'] ?? 'localhost';
define('WP_HOME', 'https://' . $host);
define('WP_SITEURL', 'https://' . $host);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
`;

const USER = "ci-admin";
const passwordOf = ({ value }: AuthorContext) => `correct-horse-${value}`;
const slugOf = ({ value }: AuthorContext) => `post-${value}`;

async function logIn(context: AuthorContext): Promise<HttpSession> {
  const browser = context.http();
  await browser.get("/wp-login.php");
  const form = { log: USER, pwd: passwordOf(context), testcookie: "1", redirect_to: "/wp-admin/profile.php" };
  const page = await browser.post("/wp-login.php", { form });
  if (!page.url.endsWith("/wp-admin/profile.php")) throw new CheckFailure(`the login ends at ${page.url}`);
  return browser;
}

/** Headers without which the API takes nothing from a browser that is logged in. */
async function nonce(browser: HttpSession): Promise<Record<string, string>> {
  const { body } = await browser.get("/wp-admin/admin-ajax.php?action=rest-nonce");
  return { "X-WP-Nonce": body.trim() };
}

async function setUp(context: AuthorContext): Promise<void> {
  const password = passwordOf(context);
  const page = await context.http().post("/wp-admin/install.php?step=2", {
    form: {
      weblog_title: `Site ${context.value}`,
      user_name: USER,
      admin_password: password,
      admin_password2: password,
      admin_email: "ci@example.org",
      blog_public: "0",
      language: "",
    },
    timeoutSeconds: 60,
  });
  if (!page.body.includes("wp-login.php")) throw new CheckFailure(`the setup says: ${page.body.slice(0, 500)}`);
}

async function writePost(context: AuthorContext): Promise<void> {
  const browser = await logIn(context);
  await browser.post("/?rest_route=/wp/v2/posts", {
    headers: await nonce(browser),
    json: { title: "Hello", slug: slugOf(context), status: "publish", content: `<p>written by ${context.value}</p>` },
  });
}

export default defineRecipe({
  name: "wordpress",
  source: { folder: "tests/recipes/wordpress", releases: "tests/releases/wordpress" },
  env: { COMPOSE_FILE: "compose.yml:compose.redis.yml", WORDPRESS_CONFIG_EXTRA: CONFIG },
  // Answered before the setup and after it, by 500 without a database.
  health: { http: { path: "/wp-admin/install.php", contentType: "text/html", body: "WordPress" } },
  seeds: [
    sqlSeed({ kind: "mariadb", database: "wordpress", password: "db_password" }),
    fileSeed({ path: "/var/www/html/wp-content/seed.txt", servedAt: "/wp-content/seed.txt" }),
  ],
  journeys: [
    {
      name: "post",
      title: "A post is written once, and read by a visitor",
      prepare: async (context) => {
        await setUp(context);
        await writePost(context);
      },
      verify: async (context) => {
        const visitor = context.http();
        const found = await visitor.get(`/?rest_route=/wp/v2/posts&slug=${slugOf(context)}`);
        const [post] = found.json<{ link: string }[]>();
        if (!post) throw new CheckFailure(`there is no post ${slugOf(context)}`);
        const { pathname, search } = new URL(post.link);
        const page = await visitor.get(pathname + search);
        if (!page.body.includes(`written by ${context.value}`)) throw new CheckFailure(`${post.link} lacks its text`);
        return { summary: `${page.status} from ${page.url}`, details: { bytes: page.body.length } };
      },
    },
  ],
  custom: [
    {
      name: "schema",
      title: "WordPress updates its database to the new version",
      after: ["upgrade"],
      run: async ({ http }) => {
        const browser = http();
        await browser.get("/wp-admin/upgrade.php?step=1", { timeoutSeconds: 60 });
        const { body } = await browser.get("/wp-admin/upgrade.php");
        if (!body.includes("No Update Required")) throw new CheckFailure("the database is still to be updated");
        return { summary: "no update required" };
      },
    },
    {
      name: "cache",
      title: "What one visitor's page was made of is in Redis for the next one",
      after: ["custom", "upgrade", "restore"],
      run: async ({ http, service }) => {
        await http().get("/");
        const hits = async () => {
          const { stdout } = await service("redis").exec(["redis-cli", "info", "stats"]);
          return Number(/^keyspace_hits:(\d+)/m.exec(stdout)?.[1]);
        };
        const before = await hits();
        await http().get("/");
        const more = (await hits()) - before;
        if (!(more > 0)) throw new CheckFailure("a page asks Redis for nothing, or finds nothing there");
        return { summary: `a page found ${more} things in Redis` };
      },
    },
    {
      name: "media",
      title: "An uploaded file is served, byte for byte",
      after: ["custom", "restore"],
      run: async (context) => {
        const browser = await logIn(context);
        const text = `uploaded by ${context.value}`;
        const disposition = `attachment; filename=${context.value}.txt`;
        const headers = { ...(await nonce(browser)), "Content-Type": "text/plain", "Content-Disposition": disposition };
        const uploaded = await browser.post("/?rest_route=/wp/v2/media", { headers, body: text });
        const { pathname } = new URL(uploaded.json<{ source_url: string }>().source_url);
        const { body } = await context.http().get(pathname);
        if (body !== text) throw new CheckFailure(`${pathname} holds ${body.length} bytes, and not what was sent`);
        return { summary: pathname };
      },
    },
    {
      name: "refuses",
      title: "A wrong password is refused",
      run: async ({ http }) => {
        const browser = http();
        await browser.get("/wp-login.php");
        const page = await browser.post("/wp-login.php", { form: { log: USER, pwd: "wrong", testcookie: "1" } });
        if (!page.body.includes("login_error")) throw new CheckFailure(`no error at ${page.url}`);
        return { summary: "refused" };
      },
    },
  ],
});

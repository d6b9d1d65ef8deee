import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import type { AuthorContext } from "../../checks/author-context.ts";
import { type AuthoredCheck, authoredCheck } from "../../checks/authored.ts";
import { failureOf } from "../../checks/recorder.ts";
import { present } from "../../lib/present.ts";
import { reportFolder } from "../../lifecycle/run-folder.ts";
import type { OwnCheck, RecipeDefinition } from "../../recipes/define-recipe.ts";
import { renderHtml } from "../../report/html/page.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { gitFolder, scratchFolder } from "../fixtures/recipe-folder.ts";
import { quietRun } from "./quiet-run.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

const PAGES = {
  "index.html": `<h1>Guest book</h1><form action="/thanks.html"><input name="who"><button>Sign</button></form>`,
  "thanks.html": `<h1>Thanks</h1><script>document.body.append(new URLSearchParams(location.search).get("who"));
document.cookie ||= "seen=1";</script>`,
  "broken.html": `<h1>Guest book</h1><script>console.error("the book is torn")</script>`,
  "away.html": `<h1>Guest book</h1><img src="https://elsewhere.example/pixel.png">`,
  "by-number.html": `<h1>Guest book</h1><img src="http://127.0.0.1:5000/v2/">`,
  "login.html": `<form><input type="password" name="p"><button>In</button></form><script>
document.forms[0].onsubmit = (event) => { console.error("refused: " + document.forms[0].p.value); fetch("/no?p=" + encodeURIComponent(document.forms[0].p.value));
  document.body.append(document.forms[0].p.value); event.preventDefault(); };</script>`,
};

/** A recipe that serves these pages through Traefik. */
async function guestBook(): Promise<string> {
  const configs = Object.keys(PAGES).map((name, index) => ({ key: `page${index}`, name }));
  const mounts = configs.map(({ key, name }) => `      - { source: ${key}, target: /www/${name} }`).join("\n");
  const named = configs.map(
    ({ key, name }) => `  ${key}: { name: "\${STACK_NAME}_${key}_\${PAGES_VERSION}", file: ${name} }`,
  );
  const compose = `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /www; sleep 86400 & wait"]
    networks: [proxy]
    configs:
${mounts}
    deploy:
      labels:
        - "traefik.enable=true"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80"
        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.routers.\${STACK_NAME}.entrypoints=web-secure"
        - "traefik.http.routers.\${STACK_NAME}.tls=true"
networks:
  proxy: { external: true }
configs:
${named.join("\n")}
`;
  const sample = "TYPE=book\nDOMAIN=book.example.com\nLETS_ENCRYPT_ENV=\n";
  return gitFolder({ "compose.yml": compose, ".env.sample": sample, "abra.sh": "export PAGES_VERSION=v1\n", ...PAGES });
}

const SECRET = 'pa"ss &wörd';

/** Signs the book, and finds in a fresh browser that nothing of that person is left. */
const signs: AuthoredCheck["run"] = async ({ browser, value }) => {
  const { page, open } = await opened(browser);
  await open("/");
  await page.getByRole("textbox").fill(value);
  await page.getByRole("button").click();
  await page.getByText(`Thanks${value}`).or(page.getByText(value)).first().waitFor();
  expect(await page.context().cookies()).toHaveLength(1);
  const other = await opened(browser);
  await other.open("/");
  expect(await other.page.context().cookies()).toEqual([]);
  return { summary: await page.title() };
};

async function opened(browser: AuthorContext["browser"]) {
  const session = await browser();
  return { page: session.page, open: session.open.bind(session), session };
}

const goesTo =
  (path: string, options = {}): AuthoredCheck["run"] =>
  async ({ browser }) => {
    const { open } = await opened(browser);
    const page = await open(path, options);
    await page.getByRole("heading", { name: "Guest book" }).waitFor({ timeout: 2000 });
    return { summary: "" };
  };

/** What must fail, and how. */
const MUTANTS: Record<string, Omit<AuthoredCheck, "name" | "title"> & { owner: string; says: RegExp }> = {
  "another page": { browser: {}, run: goesTo("/thanks.html"), owner: "recipe", says: /Timeout 2000ms exceeded/ },
  "no such page": {
    browser: {},
    run: goesTo("/none", { within: "1 s" }),
    owner: "recipe",
    says: /opens https:.*none: not within 1\.0 s; last seen: status 404/,
  },
  "an error in the console": {
    browser: {},
    run: goesTo("/broken.html"),
    owner: "recipe",
    says: /error: the book is torn/,
  },
  "something from elsewhere": {
    browser: {},
    run: goesTo("/away.html"),
    owner: "recipe",
    says: /ERR_NAME_NOT_RESOLVED.*elsewhere\.example/,
  },
  "something of this host": { browser: {}, run: goesTo("/by-number.html"), owner: "recipe", says: /127\.0\.0\.1:5000/ },
  "nobody asked for a browser": { run: goesTo("/"), owner: "author", says: /add browser: \{\}/ },
  "too slow": {
    browser: {},
    deadline: "3 s",
    run: ({ browser }) => browser().then(() => new Promise(() => undefined)),
    owner: "recipe",
    says: /the browser is not done within 2\.0 s/,
  },
  "a browser that dies": {
    browser: {},
    run: async ({ browser }) => {
      const { page, open } = await opened(browser);
      await open("/");
      const session = await present(page.context().browser() ?? undefined, "the browser").newBrowserCDPSession();
      await session.send("Browser.crash").catch(() => undefined);
      await page.getByRole("heading").click();
      return { summary: "" };
    },
    owner: "infra",
    says: /Chromium ended/,
  },
};

/** What of each failed. */
async function mutants(context: AuthorContext): Promise<Record<string, string>> {
  const failed: Record<string, string> = {};
  for (const [name, { owner: _, says: __, ...code }] of Object.entries(MUTANTS)) {
    const check = authoredCheck({ name, title: name, ...code });
    const failure = await check.run(context).then(() => undefined, failureOf);
    failed[name] = failure ? `${failure.owner}: ${failure.error}` : "passed";
  }
  return failed;
}

test("a check in a browser passes, its mutants fail with their owners, and a failure leaves what was seen", async () => {
  const swarm = await testSwarmWithImages();
  let found: Record<string, string> = {};
  const custom: OwnCheck[] = [
    { name: "signs", title: "A guest signs the book", browser: {}, run: signs },
    {
      name: "allowed",
      title: "What is known is allowed",
      browser: { allow: [{ error: "book is torn", reason: "it is" }] },
      deadline: "110 s",
      run: async (context) => {
        const { browserHost, ...rest } = context;
        found = await mutants({ ...rest, browserHost: browserHost && { ...browserHost, keeper: undefined } });
        return goesTo("/broken.html")(context);
      },
    },
    {
      name: "login",
      title: "The login is refused",
      browser: {},
      run: async ({ browser }) => {
        const { page, open, session } = await opened(browser);
        await open("/login.html");
        await session.fillSecret(page.locator("input"), SECRET);
        await page.getByRole("button").click();
        await page.getByText(SECRET).waitFor();
        return { summary: "" };
      },
    },
  ];
  const definition: RecipeDefinition = {
    name: "book",
    source: await guestBook(),
    noBackup: "it keeps nothing",
    stableFor: "1 s",
    custom,
  };
  // Other files have browsers of their own.
  const temporary = await scratchFolder();
  process.env.TMPDIR = temporary;
  const run = `browser-${process.pid}`;
  const located = await locateVersions(definition);
  const result = await quietRun({ run, definition, located, dockerHost: swarm.host });
  const asked = result.phases
    .flatMap(({ checks }) => checks)
    .filter(({ name }) => /browser|custom\.(?!steady)/.test(name));
  expect(asked).toMatchObject([
    { name: "prepare.browser", status: "passed" },
    { name: "custom.signs", status: "passed" },
    { name: "custom.allowed", status: "passed" },
    { name: "custom.login", status: "failed", owner: "recipe", error: expect.stringContaining("refused: [secret]") },
  ]);
  for (const [name, { owner, says }] of Object.entries(MUTANTS)) {
    expect(found[name], name).toMatch(new RegExp(`^${owner}: `));
    expect(found[name], name).toMatch(says);
  }
  expect((await readdir(temporary)).filter((name) => /browser|playwright/.test(name))).toEqual([]);

  const folder = reportFolder(run);
  const kept = ["screenshot.png", "console.txt", "network.txt", "trace.zip"].map((part) => `browser-login-${part}`);
  expect(result.diagnostics.map(({ file }) => file)).toEqual(expect.arrayContaining(kept));
  const html = renderHtml(result);
  for (const file of kept) expect(html).toContain(`href="${file}"`);
  expect(await readFile(join(folder, "browser-login-network.txt"), "utf8")).toMatch(
    /GET https:.*\/no\?p=\[secret\] 404/,
  );
  const trace = Object.entries(unzipSync(await readFile(join(folder, "browser-login-trace.zip"))));
  expect(trace.map(([name]) => name)).toContain("trace.trace");
  const texts = trace.map(([, bytes]) => Buffer.from(bytes).toString());
  expect(texts.join("\n")).toContain("[secret]");
  const forms = [SECRET, JSON.stringify(SECRET).slice(1, -1), encodeURIComponent(SECRET)];
  const all = [
    ...texts,
    JSON.stringify(result),
    html,
    await readFile(join(folder, "browser-login-console.txt"), "utf8"),
  ];
  for (const text of all) for (const form of forms) expect(text).not.toContain(form);
}, 240_000);

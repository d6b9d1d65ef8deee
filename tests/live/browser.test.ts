import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unzipSync } from "fflate";
import type { Browser } from "playwright-core";
import { expect, test } from "vitest";
import type { AuthorContext } from "../../checks/author-context.ts";
import { type AuthoredCheck, authoredCheck } from "../../checks/authored.ts";
import { failureOf } from "../../checks/recorder.ts";
import { exec } from "../../lib/exec.ts";
import { present } from "../../lib/present.ts";
import { reportFolder } from "../../lifecycle/run-folder.ts";
import type { OwnCheck, RecipeDefinition } from "../../recipes/define-recipe.ts";
import { renderHtml } from "../../report/html/page.ts";
import { readmeExample } from "../fixtures/readme-example.ts";
import { gitFolder, scratchFolder } from "../fixtures/recipe-folder.ts";
import { quietRun } from "./quiet-run.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

const PAGES = {
  "plain.html": "<h1>Guest book</h1>",
  "thanks.html": `<h1>Thanks</h1><script>document.cookie = "seen=1";</script>`,
  "broken.html": `<h1>Guest book</h1><script>console.error("the book is torn")</script>`,
  "away.html": `<h1>Guest book</h1><img src="https://elsewhere.example/pixel.png">`,
  "by-number.html": `<h1>Guest book</h1><img src="http://127.0.0.1:5000/v2/">`,
  "login.html": `<form><input type="password" name="p"><button>In</button></form><script>
document.forms[0].onsubmit = (event) => { console.error("refused: " + document.forms[0].p.value); fetch("/no?p=" + encodeURIComponent(document.forms[0].p.value));
  document.body.append(document.forms[0].p.value); event.preventDefault(); };</script>`,
};

/** Keeps what guests write; its logo is missing. */
const BOOK = `#!/bin/sh
printf 'Content-Type: text/html\\r\\n\\r\\n<title>Guest book</title><img src="/logo.png"><form><label>Your name <input name="who"></label><button>Sign</button></form>'
[ -z "$QUERY_STRING" ] || { echo "$QUERY_STRING" >> /tmp/book; echo "<p>Thank you</p>"; }
sed "s|.*|<p>&</p>|" /tmp/book
`;

/** Takes its time. */
const SLOW = `#!/bin/sh
sleep 2
printf 'Content-Type: text/plain\\r\\n\\r\\nat last'
`;

/** A recipe that serves these pages through Traefik. */
async function guestBook(): Promise<string> {
  const pages = { ...PAGES, "cgi-bin/index.cgi": BOOK, "cgi-bin/slow.cgi": SLOW };
  const configs = Object.keys(pages).map((name, index) => ({ key: `page${index}`, name }));
  const mounts = configs
    .map(({ key, name }) => `      - { source: ${key}, target: /www/${name}, mode: 0555 }`)
    .join("\n");
  const named = configs.map(
    ({ key, name }) => `  ${key}: { name: "\${STACK_NAME}_${key}_\${PAGES_VERSION}", file: "${name}" }`,
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
  const sample = "TYPE=guest-book\nDOMAIN=book.example.com\nLETS_ENCRYPT_ENV=\n";
  return gitFolder({ "compose.yml": compose, ".env.sample": sample, "abra.sh": "export PAGES_VERSION=v1\n", ...pages });
}

const SECRET = 'pa"ss &wörd';

/** A cookie of one person's is none of the next one's. */
const alone: AuthoredCheck["run"] = async ({ browser }) => {
  const cookies: number[] = [];
  for (const path of ["/thanks.html", "/plain.html"]) {
    const page = await (await browser()).open(path);
    cookies.push((await page.context().cookies()).length);
  }
  expect(cookies).toEqual([1, 0]);
  return { summary: "" };
};

/** An interface of this machine comes and goes, as those of other runs do, while a page waits for an answer. */
const undisturbed: AuthoredCheck["run"] = async ({ browser }) => {
  const page = await (await browser()).open("/plain.html");
  const answer = page.evaluate(() => fetch("/cgi-bin/slow.cgi").then((response) => response.text()));
  const link = `rci-t${process.pid}`;
  await sleep(500);
  await exec(["ip", "link", "add", link, "type", "bridge"]);
  try {
    await exec(["ip", "address", "add", "192.0.2.77/32", "dev", link]);
    await exec(["ip", "link", "set", link, "up"]);
  } finally {
    await exec(["ip", "link", "delete", link]);
  }
  expect([await answer, await page.evaluate("navigator.onLine")]).toEqual(["at last", true]);
  return { summary: "" };
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
  "nobody asked for a browser": { run: goesTo("/plain.html"), owner: "author", says: /add browser: \{\}/ },
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
      await open("/plain.html");
      const session = await present(page.context().browser() ?? undefined, "the browser").newBrowserCDPSession();
      await session.send("Browser.crash").catch(() => undefined);
      await page.getByRole("heading").click();
      return { summary: "" };
    },
    owner: "infra",
    says: /Chromium ended/,
  },
};

/** Whether a browser still runs once its check was cancelled while it waited. */
async function outlivesCancel(context: AuthorContext): Promise<boolean | undefined> {
  const cancel = new AbortController();
  let running: Browser | null = null;
  const waits: AuthoredCheck["run"] = async ({ browser }) => {
    const { page, open } = await opened(browser);
    await open("/plain.html");
    running = page.context().browser();
    cancel.abort();
    await page.getByText("never").waitFor();
    return { summary: "" };
  };
  const check = authoredCheck({ name: "cancelled", title: "It waits", browser: {}, run: waits });
  await check.run({ ...context, signal: cancel.signal }).catch(() => undefined);
  return (running as Browser | null)?.isConnected();
}

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
  let outlives: boolean | undefined;
  const custom: OwnCheck[] = [
    { name: "alone", title: "Each session is a person of its own", browser: {}, run: alone },
    { name: "undisturbed", title: "The machine's network changes", browser: {}, run: undisturbed },
    {
      name: "allowed",
      title: "What is known is allowed",
      browser: { allow: [{ error: "book is torn", reason: "it is" }] },
      deadline: "110 s",
      run: async (context) => {
        const { browserHost, ...rest } = context;
        const keepsNothing = { ...rest, browserHost: browserHost && { ...browserHost, keeper: undefined } };
        found = await mutants(keepsNothing);
        outlives = await outlivesCancel(keepsNothing);
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
    ...(await readmeExample("guest-book")),
    source: await guestBook(),
    noBackup: "it keeps nothing",
    stableFor: "1 s",
    custom,
  };
  // Other files have browsers of their own.
  const temporary = await scratchFolder();
  process.env.TMPDIR = temporary;
  const run = `browser-${process.pid}`;
  const result = await quietRun({ run, definition, dockerHost: swarm.host });
  const asked = result.phases
    .flatMap(({ checks }) => checks)
    .filter(({ name }) => /browser|journey|custom\.(?!steady)/.test(name));
  expect(asked).toMatchObject([
    { name: "prepare.browser", status: "passed" },
    { name: "install.journey-entry", status: "passed", summary: "Guest book" },
    { name: "custom.alone", status: "passed" },
    { name: "custom.undisturbed", status: "passed" },
    { name: "custom.allowed", status: "passed" },
    { name: "custom.login", status: "failed", owner: "recipe", error: expect.stringContaining("refused: [secret]") },
  ]);
  for (const [name, { owner, says }] of Object.entries(MUTANTS)) {
    expect(found[name], name).toMatch(new RegExp(`^${owner}: `));
    expect(found[name], name).toMatch(says);
  }
  expect(outlives).toBe(false);
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

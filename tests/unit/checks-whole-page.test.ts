import { describe, expect, test } from "vitest";
import { partsOf, refusedPart } from "../../checks/http/page-parts.ts";
import { pageTrouble } from "../../checks/http/whole-page.ts";
import type { ProbeResponse } from "../../checks/probe.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const HOST = "wiki.ci.test";
const answer = (more: Partial<ProbeResponse> = {}): ProbeResponse => ({
  status: 200,
  contentType: "text/html; charset=utf-8",
  headers: {},
  body: "",
  durationMs: 1,
  ...more,
});
const page = (head: string) => `<!doctype html><html><head>${head}</head><body><div id=root></div></body></html>`;
const JS = answer({ contentType: "application/javascript" });
const CSS = answer({ contentType: "text/css" });
const ports = [{ target: 80, published: 9000, protocol: "tcp", mode: "host" } as const];
const app = appSpec({ services: [serviceSpec({ ports, env: { BASE_URL: "http://localhost:3000/" } })] });

/** What is wrong with a page whose parts are answered by these, by their paths; all others are missing. */
function troubleOf(head: string, parts: Record<string, ProbeResponse> = {}, more: Partial<ProbeResponse> = {}) {
  return pageTrouble(answer({ body: page(head), ...more }), {
    url: new URL(`https://${HOST}/`),
    hosts: [HOST, "www.ci.test"],
    app,
    ask: async ({ pathname }) => parts[pathname] ?? answer({ status: 404 }),
  });
}

describe("a page of which users have nothing", () => {
  test.each(["application/octet-stream", "text/plain; charset=utf-8"])("as it comes as %s", async (contentType) => {
    expect(await troubleOf("", {}, { contentType })).toMatch(/^a page comes as .*, of which browsers make none$/);
  });

  test.each([
    [
      "over plain HTTP",
      `http://${HOST}/a.js`,
      /^the page has its script at http:\/\/wiki\.ci\.test, which browsers refuse on/,
    ],
    [
      "at a port of its own",
      `https://${HOST}:3000/a.js`,
      /at https:\/\/wiki\.ci\.test:3000, a port that users do not reach/,
    ],
    [
      "at the machine of whoever looks",
      "http://localhost:3000/a.js",
      /at http:\/\/localhost:3000, which only the app itself/,
    ],
    ["at a service", "//app/a.js", /at https:\/\/app, which only the app itself reaches/],
    ["at the domain of the sample", "https://wiki.example.com/a.js", /the domain of \.env\.sample/],
  ])("as it has its script %s", async (_, src, says) => {
    expect(await troubleOf(`<script src="${src}"></script>`)).toMatch(says);
  });

  test("as its address for all parts is another one", async () => {
    expect(await troubleOf('<base href="http://localhost/"><script src=a.js></script>')).toMatch(/http:\/\/localhost,/);
  });

  test.each([
    [
      '<meta http-equiv="refresh" content="0; url=http://localhost:3000/login">',
      /^the page leads browsers on to http:\/\/localhost:3000, which only the app itself reaches, as BASE_URL of app says$/,
    ],
    ["<META content='5;URL=\"https://wiki.example.com/\"' http-equiv=Refresh>", /the domain of \.env\.sample$/],
    [
      "<script>window.location.href = 'http://127.0.0.1/';</script>",
      /http:\/\/127\.0\.0\.1, which only the app itself/,
    ],
    ['<script>location.replace("https://wiki.ci.test:3000/")</script>', /:3000, a port that users do not reach$/],
  ])("as it leads them on: %s", async (head, says) => {
    expect(await troubleOf(head)).toMatch(says);
  });

  test("as none of its parts is there", async () => {
    const said = await troubleOf("<link rel='stylesheet' href='/a.css'><script type=module src=/a.js></script>");
    expect(said).toBe("browsers get none of the page's own scripts and stylesheets: stylesheet /a.css: status 404");
  });

  test("as its only script is the page itself", async () => {
    expect(await troubleOf("<script src=/a.js></script>", { "/a.js": answer() })).toMatch(
      /script \/a\.js: it comes as text\/html; charset=utf-8, which browsers take for no script/,
    );
  });
});

const policy = (value: string) => ({ headers: { "content-security-policy": [value] } });

describe("a page whose policy lets browsers load none of its own scripts", () => {
  const script = "<link rel=stylesheet href=/a.css><script src=/a.js></script>";
  const there = { "/a.js": JS, "/a.css": CSS };

  test("as it names the domain of the sample", async () => {
    expect(await troubleOf(script, there, policy("script-src https://wiki.example.com; img-src *"))).toBe(
      'browsers load none of the page\'s own scripts, which are at https://wiki.ci.test: its Content-Security-Policy has "script-src https://wiki.example.com", with wiki.example.com, the domain of .env.sample',
    );
  });

  test("as a setting says", async () => {
    const env = { CSP: "script-src 'none'" };
    const look = { url: new URL(`https://${HOST}/`), hosts: [HOST], ask: async () => JS };
    const said = await pageTrouble(answer({ body: page(script), ...policy("script-src 'none'") }), {
      ...look,
      app: appSpec({ services: [serviceSpec({ env })] }),
    });
    expect(said).toMatch(/has "script-src 'none'", as CSP of app says$/);
  });

  test("which stand in it, and make all that it shows", async () => {
    const boot = "<script>boot()</script>";
    expect(await troubleOf(boot, {}, policy("script-src 'self'"))).toMatch(
      /^the page stays empty: .* its Content-Security-Policy has "script-src 'self'", by which browsers run none$/,
    );
    expect(await troubleOf(boot, {}, policy("script-src 'unsafe-inline'"))).toBeUndefined();
    const body = `<!doctype html><html><head>${boot}</head><body><h1>Welcome</h1></body></html>`;
    expect(await troubleOf("", {}, { body, ...policy("script-src 'self'") })).toBeUndefined();
  });

  test("but not where it is for them, or has browsers ask over TLS for what it has over plain HTTP", async () => {
    expect(await troubleOf(script, there, policy("default-src 'self'"))).toBeUndefined();
    const plain = `<script src="http://${HOST}/a.js"></script>`;
    expect(await troubleOf(plain, there, policy("upgrade-insecure-requests"))).toBeUndefined();
  });
});

test.each([
  ["one of whose parts is there", "<link rel=stylesheet href=/none.css><script src=/a.js></script>", { "/a.js": JS }],
  ["with a part at another host of the app", "<script src=https://www.ci.test/a.js></script>", { "/a.js": JS }],
  ["with parts of others alone", "<script src=http://cdn.example.org/a.js></script>", {}],
  ["with a part at a port that the app publishes", `<script src=https://${HOST}:9000/a.js></script>`, { "/a.js": JS }],
  ["with a part in a comment", "<!--[if IE]><script src=/ie.js></script><![endif]-->", {}],
  ["that leads on within the app", '<meta http-equiv=refresh content="0;url=/login">', {}],
  ["that leads on to others", '<meta http-equiv=refresh content="0;url=https://id.example.org/">', {}],
  ["that is loaded again", "<meta http-equiv=refresh content=300>", {}],
  [
    "that leads on where no script runs",
    '<noscript><meta http-equiv=refresh content="0;url=http://localhost/"></noscript>',
    {},
  ],
  [
    "whose script leads on in another case",
    "<script>if (location.protocol == 'file:') location = 'http://localhost/';</script>",
    {},
  ],
  ["with words that look like a part", `<script>document.write('<link rel=stylesheet href="/x.css">')</script>`, {}],
  ["with nothing but pictures", "<img src=http://localhost/a.png><link rel=icon href=/none.ico>", {}],
])("a page is whole %s", async (_, head, parts) => {
  expect(await troubleOf(head, parts)).toBeUndefined();
});

test("an answer that is no page is judged by nothing of this", async () => {
  expect(await troubleOf("", {}, { body: "ok", contentType: "text/plain" })).toBeUndefined();
});

test("the parts of a page are what browsers load", () => {
  const head = `<base href="/ui/"><SCRIPT Defer SRC='x.js?a=1&amp;b=2'></SCRIPT><link href=a.css rel="preload stylesheet"><link rel="alternate stylesheet" href=b.css><script src="data:,1"></script><script nomodule src=old.js></script><script type="text/template" src=row.html></script>`;
  const parts = partsOf(page(head), new URL(`https://${HOST}/index`));
  expect(parts.map(({ kind, url, strict }) => [kind, url.href, strict])).toEqual([
    ["script", `https://${HOST}/ui/x.js?a=1&b=2`, false],
    ["stylesheet", `https://${HOST}/ui/a.css`, true],
  ]);
});

describe("a type that browsers take", () => {
  const noSniff = { headers: { "x-content-type-options": ["nosniff"] } };
  const plain = { contentType: "text/plain" };
  test.each([
    ["script", false, JS, true],
    ["script", false, answer(plain), true],
    ["script", false, answer({ ...plain, ...noSniff }), false],
    ["script", true, answer(plain), false],
    ["script", true, answer({ contentType: "" }), true],
    ["stylesheet", true, CSS, true],
    ["stylesheet", true, answer(plain), false],
    ["stylesheet", false, answer(plain), true],
    ["script", false, answer({ status: 302, contentType: "text/html" }), true],
    ["script", false, answer({ error: "refused", status: 0 }), false],
  ] as const)("%s, strict %s", (kind, strict, response, isTaken) => {
    expect(refusedPart({ kind, strict }, response) === undefined).toBe(isTaken);
  });
});

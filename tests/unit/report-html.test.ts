import { expect, test } from "vitest";
import type { Owner } from "../../lib/owner.ts";
import { abridge, plainText } from "../../lib/plain-text.ts";
import { renderHtml } from "../../report/html/page.ts";
import { html, trusted } from "../../report/html/template.ts";
import { failingRun } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";

test("the template escapes text, in content and in attributes, and keeps markup", () => {
  const name = `<b>"it's" & co</b>`;
  expect(html`<i title="${name}">${name}</i>`.text).toBe(
    '<i title="&lt;b&gt;&quot;it&#39;s&quot; &amp; co&lt;/b&gt;">&lt;b&gt;&quot;it&#39;s&quot; &amp; co&lt;/b&gt;</i>',
  );
  expect(html`<ul>${[1, "<", trusted("<li>")]}${undefined}${false}${html`<p>${0}</p>`}</ul>`.text).toBe(
    "<ul>1&lt;<li><p>0</p></ul>",
  );
});

test("the page has no script, no address to load from and no style outside its own sheet", () => {
  for (const result of [passingRun, failingRun]) {
    const page = renderHtml(result);
    expect(page).toMatch(/default-src &#39;none&#39;|default-src 'none'/);
    expect(page).not.toMatch(/<(script|img|iframe|object|embed|base|form)\b/i);
    expect(page).not.toMatch(/<[^>]*\s(on\w+|style|src)=/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, to]) => to?.[0]).filter((first) => first !== "#")).toEqual([
      "d",
    ]);
  }
});

test("what lies beside the page is linked where it is no log, and not loaded", () => {
  const diagnostics = [
    { title: "screenshot of login", file: "browser-login-screenshot.png", tail: "https://a.ci.test/" },
    { title: "logs of app", file: "logs-of-app.txt", tail: "up" },
  ];
  const page = renderHtml({ ...failingRun, diagnostics });
  expect(page.match(/<a href="[^#"]*">/g)).toEqual(['<a href="browser-login-screenshot.png">']);
  expect(page).not.toMatch(/<img\b/);
});

test("what the maintainer must know is on the page", () => {
  const page = renderHtml(failingRun);
  for (const part of [
    failingRun.reason,
    "endpoint_mode vip -&gt; dnsrr",
    "Debian bookworm nginx 1.22.1",
    "Left behind by the run: 2 objects",
    "Not judged: what bears no label, since run-blog-0a1b2c used the node meanwhile.",
    "neighbour_nginx_conf",
    "containers 1 min 01 s · 1.6×",
    "custom-html-b07e44",
    "5f0c8a7be9d1c24b6a3f7e80d5b1946c2e7fa310",
  ])
    expect(page).toContain(part);
});

test("what the upgrade changes is told by area, with what it means, and hides nothing to look at", () => {
  const page = renderHtml(passingRun);
  expect(page).toContain("as the recipe asks for it: 4 changes.");
  expect(page.match(/<details class="card changes"[^>]*open/g)).toHaveLength(4);
  expect(page).toContain("<code>nginx:1.28.0</code>");
  expect(page).toContain("a minor jump");
  expect(page).toContain("+    charset utf-8;");

  const long = renderHtml(failingRun);
  expect(long).toContain("15 changes, 1 warning, 1 error.");
  expect(long).toMatch(/id="changes-config" open>/);
  expect(long).toMatch(/id="changes-volume" open>/);
  expect(long).toMatch(/id="changes-env" >/);
  expect(long).toContain("<b>error:</b> Swarm refuses new content under an old name");
  expect(long).toContain("(empty)");
  expect(long).not.toContain("<script");
});

test("a run without a base says nothing of changes, one whose versions are alike says so", () => {
  expect(renderHtml({ ...passingRun, changes: undefined })).not.toContain("What the upgrade changes");
  expect(renderHtml({ ...passingRun, changes: [] })).toContain("as the recipe asks for it: no changes.");
});

test("lint's findings are told with what to do, waived ones apart with their reason, and the status score", () => {
  const page = renderHtml(passingRun);
  expect(page).toContain("0 errors, 1 warning, 1 waived. It has no part in the verdict.");
  expect(page).toContain("<code>npx recipe-ci lint custom-html</code>");
  expect(page).toMatch(/id="lint-open" open>.*R013.*id="lint-waived" >.*compose\.port\.yml:7.*C011/s);
  expect(page.match(/>C011</g)).toHaveLength(1);
  expect(page).toContain("the source has no remote origin");
  expect(page).toContain("Push the repository to git.coopcloud.tech");
  expect(page).toContain("<b>Waived:</b> the overlay is for trying the recipe at home");
  expect(page).toContain("<b>3 of 5</b>, lacks email</dd>");
  expect(page).toContain("<dt>README</dt><dd>says the same</dd>");

  const broken = renderHtml(failingRun);
  expect(broken).toMatch(/id="lint-open" open>/);
  expect(broken).toContain("<b>Waived:</b> &lt;script&gt;");
  expect(broken).toContain("<dd>gives none</dd>");
  expect(renderHtml({ ...passingRun, lint: undefined })).not.toContain('id="lint"');
});

test("a finding with many places names the first of them, and where the others are", () => {
  const page = renderHtml(failingRun);
  expect(page).toContain("60 credentials are in plain text");
  expect(page.match(/<p class="soft"><code>\.env\.sample:\d+<\/code> &lt;script&gt;/g)).toHaveLength(50);
  expect(page).toContain("and 10 more places: see <code>result.json</code>");
});

test("many warnings of lint are folded, and no more of them on the page than a person reads", () => {
  const { lint } = passingRun;
  const [one] = lint?.findings ?? [];
  if (!one || !lint) throw new Error("the passing run has lost its findings");
  const findings = Array.from({ length: 205 }, (_, index) => ({ ...one, message: `${index} ${"x".repeat(9_000)}` }));
  const page = renderHtml({ ...passingRun, lint: { ...lint, findings } });
  expect(page).toMatch(/id="lint-open" >/);
  expect(page).toContain("205 findings");
  expect(page.match(/<code class="subject">repository<\/code>/g)).toHaveLength(200);
  expect(page).toContain("5 more findings: see <code>result.json</code>");
  expect(page).toContain("characters left out");
  expect(page).not.toContain("lint-waived");

  const broken = { ...one, level: "error", message: "the last of them" } as const;
  const withError = renderHtml({ ...passingRun, lint: { ...lint, findings: [...findings, broken] } });
  expect(withError).toMatch(/id="lint-open" open>/);
  expect(withError).toContain("the last of them");
});

test("what the recipe needs is on the page with its version and domain", () => {
  const text = renderHtml(passingRun);
  expect(text).toContain("<dt>Needs</dt><dd>keycloak 2.1.0+26.1.0 <code>");
  expect(text).toContain("at <code>keyc-7b20de.ci.test</code>");
});

test("a first release has no base and still makes a page", () => {
  const page = renderHtml({
    ...passingRun,
    base: undefined,
    changes: undefined,
    domain: undefined,
    diagnostics: [],
    standIns: [],
  });
  expect(page).toContain("with no older release to upgrade from");
  expect(page).not.toContain("undefined");
});

test("a failure names its owner", () => {
  const page = (owner: Owner) => {
    const check = { name: "prepare.render", title: "", status: "failed", startMs: 0, durationMs: 0 } as const;
    const checks = [{ ...check, error: "release 1.0.0+1: unreadable", owner }];
    return renderHtml({
      ...passingRun,
      phases: [{ name: "prepare", status: "failed", startMs: 0, durationMs: 0, checks }],
    });
  };
  expect(page("base")).toContain("The release that the upgrade starts from is at fault");
  expect(page("base")).not.toContain("The recipe is at fault");
  expect(page("recipe")).toContain("The recipe is at fault");
  expect(page("author")).toContain("The recipe's ci.ts is at fault");
  expect(page("defect")).toContain("recipe-ci is at fault");
});

test("a run that broke before its first phase makes a page", () => {
  const page = renderHtml({ ...passingRun, verdict: "infra", phases: [], durationMs: 0, startedAt: "?" });
  expect(page).toContain("0 of 0");
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test("foreign text is made visible: no escape sequences, control characters or direction overrides", () => {
  expect(plainText("\u001b[1mbold\u001b[0m\r\nnul\u0000 bell\u0007 del\u007f rlo\u202e\ttab")).toBe(
    "bold\nnul␀ bell␇ del␡ rlo�\ttab",
  );
});

test("a text too long is cut in the middle and says so", () => {
  const text = abridge(`${"a".repeat(100)}${"z".repeat(100)}`, 40);
  expect(text).toBe(`${"a".repeat(10)}\n[… 160 characters left out …]\n${"z".repeat(30)}`);
  expect(abridge("short", 40)).toBe("short");
});

test("the top of the page says how many images were stand-ins, and leads to them", () => {
  const top = (page: string) => page.slice(page.indexOf("<header"), page.indexOf("</header>"));
  const [standIn] = passingRun.standIns;
  const standIns = [standIn, standIn].flatMap((one) => one ?? []);
  expect(top(renderHtml({ ...passingRun, standIns }))).toContain(
    'With <a href="#stand-ins">2 stand-ins</a> for images.',
  );
  expect(top(renderHtml({ ...passingRun, standIns: [] }))).not.toContain("stand-in");
});

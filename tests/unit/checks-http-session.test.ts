import { describe, expect, test } from "vitest";
import { HttpSession } from "../../checks/http/http-session.ts";
import { Probe, type ProbeRequest, type ProbeResponse } from "../../checks/probe.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec, traefikPort } from "../fixtures/spec.ts";

type Answer = Partial<Omit<ProbeResponse, "headers">> & { headers?: Record<string, string[]> };

/** An app that answers each path in its own way; what is not known is not found. */
class Site extends Probe {
  readonly asked: ProbeRequest[] = [];
  private readonly pages: Record<string, Answer>;

  constructor(pages: Record<string, Answer>) {
    super(connect("unix:///nonexistent/docker.sock"), "probe");
    this.pages = pages;
  }

  override async http(request: ProbeRequest): Promise<ProbeResponse> {
    this.asked.push(request);
    const { pathname, search } = new URL(request.url);
    const page = this.pages[pathname + search] ?? { status: 404 };
    return { status: 200, contentType: "text/html", body: "", headers: {}, durationMs: 1, ...page };
  }
}

const app = appSpec({ services: [serviceSpec({ key: "web", labels: traefikPort(8080) })] });

function session(pages: Record<string, Answer>) {
  const site = new Site(pages);
  return { site, browser: new HttpSession(checkContext({ app, probe: site })) };
}

describe("a session with an app", () => {
  test("asks as Traefik does, keeps cookies, and gives them back where they belong", async () => {
    const { site, browser } = session({
      "/login": { headers: { "set-cookie": ["sid=7; Path=/; Secure; HttpOnly", "only=login; Path=/login"] } },
      "/": { body: "hello" },
    });
    await browser.post("/login", { form: { user: "a b", password: "p&q" } });
    expect((await browser.get("/")).body).toBe("hello");
    expect(site.asked[0]).toMatchObject({
      url: "http://wiki_ci_test_web:8080/login",
      method: "POST",
      body: "user=a+b&password=p%26q",
      headers: {
        Host: "wiki.ci.test",
        "X-Forwarded-Proto": "https",
        "Content-Type": "application/x-www-form-urlencoded",
      },
    });
    expect(site.asked[0]?.headers).not.toHaveProperty("Cookie");
    expect(site.asked[1]?.headers).toMatchObject({ Cookie: "sid=7" });
  });

  test("follows redirects within the app: a form that was sent is not sent again, unless 307 says so", async () => {
    const { site, browser } = session({
      "/old": { status: 302, headers: { location: ["/new?a=1"] } },
      "/kept": { status: 307, headers: { location: ["https://wiki.ci.test/new?a=1"] } },
      "/new?a=1": { body: "here" },
    });
    expect(await browser.post("/old", { form: { a: "1" } })).toMatchObject({ url: "https://wiki.ci.test/new?a=1" });
    await browser.post("/kept", { json: { a: 1 } });
    expect(site.asked.map(({ method, body }) => [method, body])).toEqual([
      ["POST", "a=1"],
      ["GET", undefined],
      ["POST", '{"a":1}'],
      ["POST", '{"a":1}'],
    ]);
    expect(await browser.get("/old", { follow: false, accept: [302] })).toMatchObject({ status: 302 });
  });

  test.each<[string, Record<string, Answer>, string]>([
    [
      "leaves the app",
      { "/": { status: 301, headers: { location: ["https://old.example.org/"] } } },
      "old.example.org",
    ],
    ["never ends", { "/": { status: 301, headers: { location: ["/"] } } }, "without an end"],
  ])("does not follow a redirect that %s", async (_, pages, said) => {
    await expect(session(pages).browser.get("/")).rejects.toThrow(said);
  });

  test("fails for what nobody accepts, with what the app says", async () => {
    const pages = { "/api": { status: 500, body: "the  database\nis gone" }, "/down": { status: 0, error: "refused" } };
    const { browser } = session(pages);
    await expect(browser.get("/api")).rejects.toThrow("GET /api: status 500: the database is gone");
    await expect(browser.get("/down")).rejects.toThrow("GET /down: refused");
    const answer = await browser.get("/api", { accept: "any" });
    expect(answer.status).toBe(500);
    expect(() => answer.json()).toThrow("/api answers no JSON");
    await expect(browser.get("/none", { accept: [404] })).resolves.toMatchObject({ status: 404 });
  });
});

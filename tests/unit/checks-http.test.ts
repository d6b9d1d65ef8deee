import { describe, expect, test } from "vitest";
import type { CheckFailure } from "../../checks/check-failure.ts";
import { appUrl } from "../../checks/http/app-address.ts";
import type { HttpExpectation } from "../../checks/http/expected-answer.ts";
import { healthPathOf } from "../../checks/http/health-path.ts";
import { fetchFromApp, httpAnswers } from "../../checks/http/http.ts";
import { redirectOf } from "../../checks/http/way.ts";
import { assertRan, Probe, type ProbeRequest, type ProbeResponse } from "../../checks/probe.ts";
import { webPort } from "../../compose/labels/http-routes.ts";
import { DeadlineError } from "../../lib/until.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec, TestClock, traefikPort } from "../fixtures/spec.ts";

/** Gives one answer after the other, and the last one for ever. */
class Answers extends Probe {
  readonly asked: ProbeRequest[] = [];
  private readonly answers: Partial<ProbeResponse>[];

  constructor(...answers: Partial<ProbeResponse>[]) {
    super(connect("unix:///nonexistent/docker.sock"), "probe");
    this.answers = answers;
  }

  override async http(request: ProbeRequest): Promise<ProbeResponse> {
    const answer = this.answers[Math.min(this.asked.length, this.answers.length - 1)];
    this.asked.push(request);
    const page = { status: 200, contentType: "text/html; charset=utf-8", body: "<h1>hello</h1>", headers: {} };
    return { ...page, durationMs: 3, ...answer };
  }
}

const web = serviceSpec({ key: "web", labels: traefikPort(8080) });
const app = appSpec({ services: [serviceSpec({ key: "app" }), web] });

describe("the port Traefik sends requests to", () => {
  test("is that of the first service whose label names one", () => {
    expect(webPort(app)).toMatchObject({ service: { key: "web" }, port: 8080 });
  });

  test("is that of the first route, where there are some", () => {
    const rule = { "traefik.enable": "true", "traefik.http.routers.w.rule": "Host(`w`)" };
    const labels = { ...traefikPort(3000), ...rule };
    const routed = serviceSpec({ key: "site", labels });
    expect(webPort(appSpec({ services: [web, routed] }))).toMatchObject({ service: { key: "site" }, port: 3000 });
  });

  test.each(["", "http", "0", "-1", "65536", "80.5"])("is not %j", (value) => {
    const service = serviceSpec({ labels: traefikPort(value) });
    expect(webPort(appSpec({ services: [service] }))).toBeUndefined();
  });

  test("is not taken from a label that only looks alike", () => {
    const labels = {
      "traefik.http.services.wiki.loadbalancer.server.port.x": "1",
      "my.traefik.http.services.wiki.loadbalancer.server.port": "2",
      "traefik.tcp.services.wiki.loadbalancer.server.port": "3",
    };
    expect(webPort(appSpec({ services: [serviceSpec({ labels })] }))).toBeUndefined();
  });
});

describe("the URL of an app, from inside its networks", () => {
  test.each<[string, HttpExpectation, string]>([
    ["is that of the service Traefik serves", {}, "http://wiki_ci_test_web:8080/"],
    ["keeps its port for that service named", { service: "web" }, "http://wiki_ci_test_web:8080/"],
    ["takes port 80 for another service", { service: "app" }, "http://wiki_ci_test_app:80/"],
    ["takes port and path that are given", { service: "app", port: 9, path: "/x?y" }, "http://wiki_ci_test_app:9/x?y"],
  ])("%s", (_, target, url) => {
    expect(appUrl(app, target)).toBe(url);
  });

  test("is app on port 80 where no label says anything", () => {
    expect(appUrl(appSpec(), {})).toBe("http://wiki_ci_test_app:80/");
  });

  test("of a service that does not exist fails by name", () => {
    expect(() => appUrl(app, { service: "db" })).toThrow(
      expect.objectContaining({
        message: 'ci.ts names service "db", and the recipe at 1.0.0+1.0 has app, web',
        owner: "author",
      }),
    );
  });
});

describe("an app answers", () => {
  test("asked by its own domain, and the evidence says what came", async () => {
    const probe = new Answers({});
    const evidence = await httpAnswers({ path: "/health" })(checkContext({ app, probe }));
    const url = "http://wiki_ci_test_web:8080/health";
    expect(probe.asked).toEqual([
      {
        url,
        headers: expect.objectContaining({ Host: "wiki.ci.test", "X-Forwarded-Proto": "https" }),
        timeoutSeconds: 5,
      },
    ]);
    expect(evidence.summary).toBe(`200 from ${url} in 3 ms`);
    expect(evidence.details).toEqual({ url, status: 200, contentType: "text/html; charset=utf-8", bytes: 14 });
  });

  test("without a Host header where the recipe has no domain", async () => {
    const probe = new Answers({});
    await fetchFromApp(checkContext({ app: appSpec({ domain: undefined }), probe }), { path: "/x" });
    expect(probe.asked).toEqual([{ url: "http://wiki_ci_test_app/x" }]);
  });

  test("as soon as it is ready", async () => {
    const probe = new Answers({ status: 0, error: "connection refused" }, { status: 502 }, {});
    await httpAnswers()(checkContext({ app, probe }));
    expect(probe.asked).toHaveLength(3);
  });

  test("that takes its time to start, where nothing else knows of that: not one that answers otherwise", async () => {
    const lasting = (...answers: Partial<ProbeResponse>[]) => {
      const clock = new TestClock();
      const outcome = httpAnswers(
        {},
        { starting: "60 s" },
      )(checkContext({ app, clock, probe: new Answers(...answers) }));
      return outcome
        .then(
          () => "up",
          ({ message }: Error) => message,
        )
        .then((said) => [said, clock.now()]);
    };
    const silent = Array.from({ length: 200 }, () => ({ status: 502 }));
    expect(await lasting(...silent, {})).toEqual(["up", 40_000]);
    expect(await lasting({ status: 502 })).toEqual([expect.stringContaining("not within 1 min 00 s"), 60_000]);
    expect(await lasting({ status: 500 })).toEqual([expect.stringContaining("not within 30.0 s"), 30_000]);
  });

  test("as often in a row as is asked for, from the first again after one that is wrong", async () => {
    const probe = new Answers({}, { status: 502 }, {}, {}, {}, { status: 502 });
    const { summary } = await httpAnswers({ times: 3 })(checkContext({ app, probe }));
    expect(probe.asked).toHaveLength(5);
    expect(summary).toMatch(/^200 from .*, 3 times in a row$/);
    const never = new Answers(...Array.from({ length: 200 }, (_, index) => ({ status: index % 2 ? 502 : 200 })));
    const clock = new TestClock();
    const outcome = httpAnswers({ times: 2, until: ({ status }) => status === 200 || "not yet" });
    await expect(outcome(checkContext({ app, clock, probe: never }))).rejects.toThrow(
      /last seen: (?:1 of 2 right answers in a row|status 502)/,
    );
  });

  test("with more time for a page that takes it, each time that it did", async () => {
    const late = (seconds: number) => ({
      status: 0,
      error: `no answer within ${seconds} s`,
      durationMs: seconds * 1000,
    });
    const probe = new Answers(late(5), { status: 502 }, late(10), late(20), late(20), {});
    await httpAnswers()(checkContext({ app, probe }));
    expect(probe.asked.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([5, 10, 10, 20, 20, 20]);
  });

  test("with a pattern that carries a flag of its own", async () => {
    const body = /hello/g;
    await httpAnswers({ body })(checkContext({ app, probe: new Answers({}) }));
    const probe = new Answers({});
    await httpAnswers({ body })(checkContext({ app, probe }));
    expect(probe.asked).toHaveLength(1);
  });
});

describe("an app that redirects", () => {
  const to = (location: string, status = 302): Partial<ProbeResponse> => ({
    status,
    headers: { location: [location] },
  });
  const login = { status: 401, headers: { "www-authenticate": ["Basic"] } };
  const ask = (expectation: HttpExpectation, ...answers: Partial<ProbeResponse>[]) => {
    const probe = new Answers(...answers);
    const outcome = httpAnswers(expectation)(checkContext({ app, probe }));
    return { outcome, asked: () => probe.asked.map(({ url }) => url.replace("http://wiki_ci_test_web:8080", "")) };
  };

  test.each(["/login?next=%2F", "login?next=%2F", "https://wiki.ci.test/login?next=%2F"])(
    "is followed to %s",
    async (location) => {
      const { outcome, asked } = ask({}, to(location), {});
      expect((await outcome).summary).toMatch(/^200 from http:\/\/wiki_ci_test_web:8080\/login\?next=%2F in/);
      expect(asked()).toEqual(["/", "/login?next=%2F"]);
    },
  );

  test("to a page that asks for a login is up", async () => {
    await expect(ask({}, to("/private"), login).outcome).resolves.toMatchObject({ details: { status: 401 } });
  });

  test("is judged by its first answer where a definition says which that is", async () => {
    const { outcome, asked } = ask({ accept: [302] }, to("https://example.org/"));
    await expect(outcome).resolves.toMatchObject({ details: { status: 302 } });
    expect(asked()).toEqual(["/"]);
  });

  test.each<[string, Partial<ProbeResponse>, RegExp]>([
    [
      "to another host",
      to("https://wiki.example.com/"),
      /redirects to wiki\.example\.com, and the app is at wiki\.ci\.test/,
    ],
    [
      "out of TLS",
      to("http://wiki.ci.test/"),
      /redirects to http:\/\/wiki\.ci\.test: the app does not see that it was/,
    ],
    ["to itself for ever", to("/"), /is redirected to \S+ itself without an end/],
    ["to what is no URL", to("https://"), /redirects to "https:\/\/", no URL/],
  ])("%s is not up", async (_, answer, reason) => {
    await expect(ask({}, answer).outcome).rejects.toThrow(reason);
  });

  test("to a login is not the page that a definition describes", async () => {
    await expect(ask({ body: "Welcome" }, login).outcome).rejects.toThrow("status 401, accepted: 200");
  });
});

describe("a redirect within what Traefik routes to an app", () => {
  const from = new URL("https://wiki.ci.test/");
  const to = (host: string) => {
    const headers = { location: [`https://${host}/x`] };
    const response = { status: 301, contentType: "", body: "", headers, durationMs: 1 };
    return redirectOf(from, response, ["wiki.ci.test", "www-wiki.ci.test"])?.href;
  };

  test("is followed to another host of the app, by the name that it has in a run", () => {
    expect(to("www-wiki.ci.test")).toBe("https://www-wiki.ci.test/x");
    expect(to("www.wiki.ci.test")).toBe("https://www-wiki.ci.test/x");
  });

  test.each([
    "<html>\r\n<head><title>301 Moved Permanently</title></head>\r\n<body>\r\n<center><h1>301 Moved Permanently</h1></center>\r\n<hr><center>nginx/1.26.3</center>",
    '<h1>Moved Permanently</h1>\n<p>The document has moved <a href="http://wiki.ci.test/app/">here</a>.</p>',
  ])("of a web server's own is followed out of TLS, from where Traefik leads back", (body) => {
    const headers = { location: ["http://wiki.ci.test/app/"] };
    const response = { status: 301, contentType: "text/html", body, headers, durationMs: 1 };
    expect(redirectOf(from, response)?.href).toBe("https://wiki.ci.test/app/");
    expect(() => redirectOf(from, { ...response, body: "" })).toThrow("does not see that it was asked over TLS");
  });

  test("is not to one that no router names", () => {
    expect(() => to("api.wiki.ci.test")).toThrow("redirects to api.wiki.ci.test");
  });
});

describe("an app that answers otherwise fails with what was last seen", () => {
  test.each<[HttpExpectation, Partial<ProbeResponse>, string]>([
    [{}, { status: 404 }, "status 404, accepted: 200"],
    [{ accept: [200, 302] }, { status: 500 }, "status 500, accepted: 200, 302"],
    [{}, { status: 0, error: "could not resolve host" }, "could not resolve host"],
    [{ contentType: "application/json" }, {}, 'content type "text/html; charset=utf-8", expected "application/json"'],
    [{ body: "Log in" }, {}, "the body does not contain Log in"],
    [{ body: /Log (in|on)/ }, {}, "the body does not contain /Log (in|on)/"],
  ])("%j, given %j: %s", async (expectation, answer, reason) => {
    const context = checkContext({ app, probe: new Answers(answer) });
    const failure = (await httpAnswers(expectation)(context).catch((error: unknown) => error)) as CheckFailure;
    expect(failure.name).toBe("CheckFailure");
    expect(failure.message).toBe(`GET http://wiki_ci_test_web:8080/: not within 30.0 s; last seen: ${reason}`);
    expect(failure.details).toMatchObject({ status: answer.status ?? 200 });
  });

  test("its body is kept short", async () => {
    const context = checkContext({ app, probe: new Answers({ status: 500, body: "x".repeat(100_000) }) });
    const failure = (await httpAnswers()(context).catch((error: unknown) => error)) as CheckFailure;
    expect(failure.details?.body).toHaveLength(2000);
  });
});

describe("an app for programs, or below a path", () => {
  const labels = { ...traefikPort(8080), "traefik.enable": "true", "traefik.http.routers.wiki.rule": "Host(`w`)" };
  const watched = (...test: string[]) =>
    appSpec({ services: [serviceSpec({ key: "web", labels, healthcheck: { test } })] });
  const asking = watched("CMD-SHELL", "curl -f http://localhost:8080/health || exit 1");
  const json = { contentType: "application/json" };
  const outcome = (...answers: Partial<ProbeResponse>[]) => {
    const context = checkContext({ app: asking, clock: new TestClock(), probe: new Answers(...answers) });
    const asked = httpAnswers({}, { starting: "60 s", watched: true, healthPath: healthPathOf(asking) })(context);
    return asked.then(
      ({ summary }) => summary,
      ({ message }: Error) => message,
    );
  };

  test.each<[string, Partial<ProbeResponse>]>([
    ["success without a page", { status: 204 }],
    ["a method that is not GET", { status: 405, headers: { allow: ["POST, OPTIONS"] } }],
    ["another protocol", { status: 426 }],
    ["a web socket", { status: 400, headers: { "sec-websocket-version": ["13"] } }],
  ])("is up by %s", async (_, answer) => {
    expect(await outcome(answer)).toMatch(`${answer.status} from http`);
  });

  test("is not up by a refusal of what was asked", async () => {
    expect(await outcome({ status: 400, body: "Bad Request" })).toMatch("status 400, accepted: 200");
  });

  test("is not up by a method that it says it has", async () => {
    expect(await outcome({ status: 405, headers: { allow: ["GET"] } })).toMatch("status 405, accepted: 200");
  });

  test("is up where users reach what its own health check asks", async () => {
    const said = "8080/health in 3 ms; its health check asks that, and / is answered 404";
    expect(await outcome({ status: 404, ...json }, { ...json })).toMatch(said);
    expect(await outcome({ status: 404 }, {})).toMatch(said);
  });

  test("is not where that is not reached either, or where a site has lost its pages", async () => {
    expect(await outcome({ status: 404, ...json })).toMatch("status 404, accepted: 200");
    const lost = [0, 1, 2, 3].flatMap(() => [{ status: 404 }, { contentType: "text/plain" }]);
    expect(await outcome(...lost, { status: 404 })).toMatch("status 404, accepted: 200");
    expect(await outcome({ status: 500, ...json }, { ...json }, { status: 500 })).toMatch("200 from");
  });

  test.each([
    ["another port", ["CMD", "curl", "http://localhost/health"]],
    ["the same path", ["CMD", "curl", "http://127.0.0.1:8080/"]],
    ["another host", ["CMD", "curl", "http://db:8080/health"]],
    ["a path of the shell's", ["CMD-SHELL", "curl http://localhost:8080/$$BASE"]],
    ["nothing over HTTP", ["CMD", "true"]],
  ])("has no other path where its health check asks %s", (_, test) => {
    expect(healthPathOf(watched(...test))).toBeUndefined();
  });

  test.each([
    ["curl -f localhost:8080/health || exit 1", "/health"],
    ["wget --spider -q 127.0.0.1:8080/up", "/up"],
    ["curl -H 'Host: localhost' http://localhost:8080/health", "/health"],
    ["nc -z localhost 8080", undefined],
    ["pg_isready -h localhost/health", undefined],
  ])("is asked for what its health check asks, with a scheme or without: %s", (command, path) => {
    expect(healthPathOf(watched("CMD-SHELL", command))).toBe(path);
  });

  test("that says itself it is not ready has the time of its start, one that can't be reached has not", async () => {
    const late = Array.from({ length: 200 }, () => ({ status: 503 }));
    expect(await outcome(...late, {})).toMatch("200 from");
    expect(await outcome({ status: 502 })).toMatch("not within 30.0 s");
  });
});

describe("who is charged when no answer comes", () => {
  test("is the recipe", async () => {
    const asked = httpAnswers()(checkContext({ app, probe: new Answers({ status: 500 }) }));
    await expect(asked).rejects.toMatchObject({ name: "CheckFailure", owner: "recipe" });
  });

  test("but not while our own probe does not run", async () => {
    const probe = new Answers({});
    probe.http = () => Promise.reject(new DeadlineError("container of probe", 60_000, "none runs", "infra"));
    const asked = httpAnswers()(checkContext({ app, probe }));
    await expect(asked).rejects.toMatchObject({ name: "CheckFailure", owner: "infra" });
  });

  test.each([126, 127, 137, -1])("nor where its curl can't be run, or is killed: %i", (code) => {
    const said = "OCI runtime exec failed: curl: no such file";
    expect(() => assertRan({ code, stdout: "", stderr: `x\n${said}` })).toThrow(
      expect.objectContaining({ name: "InfraError", message: expect.stringMatching(`code ${code}: ${said}`) }),
    );
  });

  test.each([0, 6, 7, 28, 56, 101])("code %i is curl's own word on the app", (code) => {
    expect(() => assertRan({ code, stdout: "", stderr: "" })).not.toThrow();
  });
});

describe("an app that looks whether a browser keeps cookies", () => {
  /** Redirects to itself until it is given its cookie back. */
  class Asks extends Answers {
    private readonly gives: boolean;

    constructor(gives: boolean) {
      super({});
      this.gives = gives;
    }

    override async http(request: ProbeRequest): Promise<ProbeResponse> {
      const answer = await super.http(request);
      if (request.headers?.Cookie?.includes("seen=1")) return answer;
      const headers = { location: ["/"], ...(this.gives && { "set-cookie": ["seen=1; Path=/; Secure"] }) };
      return { ...answer, status: 302, body: "", headers };
    }
  }
  const outcome = (gives: boolean) =>
    httpAnswers({ within: "1 s" })(checkContext({ app, clock: new TestClock(), probe: new Asks(gives) }));

  test("is answered with the one that it gave", async () => {
    expect(await outcome(true)).toMatchObject({ summary: expect.stringMatching(/^200 from/) });
  });

  test("has an end without one, which says what it may wait for", async () => {
    await expect(outcome(false)).rejects.toThrow(/itself without an end: does the app see that it is asked over TLS/);
  });
});

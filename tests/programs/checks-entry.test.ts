import { createServer as createHttps, type Server } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askEntry } from "../../checks/http/entry-request.ts";
import { httpAnswers } from "../../checks/http/http.ts";
import { namesAreSilent } from "../../checks/http/names-silent.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Duration } from "../../lib/duration.ts";
import { newAuthority, wildcardCertificate } from "../../nodes/authority.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import type { TraefikRouter, TraefikState } from "../../swarm/entry/traefik.ts";
import { appSpec, checkContext, serviceSpec, traefikPort } from "../fixtures/spec.ts";

let server: Server;
let entry: Entry;
/** What hosts are answered that the server has for gone, as Traefik has it; all others reach their app. */
let gone: (host: string) => number | undefined = () => undefined;

beforeAll(async () => {
  const authority = await newAuthority("a node");
  const { key, certificate } = await wildcardCertificate(authority, "ci.test");
  server = createHttps({ key, cert: certificate }, ({ url, headers, method }, response) => {
    const status = gone(headers.host ?? "");
    if (status) return void response.writeHead(status).end(status === 404 ? "404 page not found\n" : "");
    if (url === "/silent") return;
    if (url === "/events")
      return void response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    if (url === "/hangs") return void response.writeHead(200, { "content-type": "text/html" }).write("<html>");
    if (url === "/long") return void response.end("x".repeat(1 << 20));
    if (url === "/moved") return void response.writeHead(302, { location: "https://elsewhere.example.org/" }).end();
    response.setHeader("content-type", "application/json").end(JSON.stringify({ url, method, host: headers.host }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  entry = { baseDomain: "ci.test", address: "127.0.0.1", port, ca: authority.certificate, entryPoints: ["web-secure"] };
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe("a request by the way of users", () => {
  test("goes to the entry under its own name, which no name server is asked for", async () => {
    const answer = await askEntry(entry, { url: "https://wiki.ci.test/a?b=1" });
    expect(answer).toMatchObject({ status: 200, contentType: "application/json" });
    expect(answer.refused).toBeUndefined();
    expect(JSON.parse(answer.body)).toEqual({ url: "/a?b=1", method: "GET", host: "wiki.ci.test" });
    expect(answer.certificate).toMatchObject({ subject: "*.ci.test", issuer: "a node" });
  });

  test.each(["https://a.b.ci.test/", "https://wiki.example.org/"])(
    "is not sent to %s, which the certificate is not for",
    async (url) => {
      const { status, refused, error } = await askEntry(entry, { url });
      expect([status, refused]).toEqual([0, "certificate"]);
      expect(error).toMatch(
        /does not hold for .*: ERR_TLS_CERT_ALTNAME_INVALID; shown: \*\.ci\.test, for \*\.ci\.test, ci\.test/,
      );
    },
  );

  test("is not sent where another authority signed", async () => {
    const other = await newAuthority("another");
    const { refused, error } = await askEntry({ ...entry, ca: other.certificate }, { url: "https://wiki.ci.test/" });
    expect([refused, error]).toEqual(["certificate", expect.stringMatching(/VERIFY|SELF_SIGNED/)]);
  });

  test("is followed to no other place, and bounded in time and length", async () => {
    expect(await askEntry(entry, { url: "https://wiki.ci.test/moved" })).toMatchObject({ status: 302 });
    expect((await askEntry(entry, { url: "https://wiki.ci.test/long" })).body).toHaveLength(256 << 10);
    const silent = await askEntry(entry, { url: "https://wiki.ci.test/silent", timeoutSeconds: 1 });
    expect(silent).toMatchObject({ status: 0, error: "no answer within 1 s" });
    expect(silent.refused).toBeUndefined();
  });

  test("is answered by a stream that never ends, and not by a page that does not", async () => {
    const asked = (path: string) => askEntry(entry, { url: `https://wiki.ci.test${path}`, timeoutSeconds: 1 });
    const [events, page] = await Promise.all([asked("/events"), asked("/hangs")]);
    expect(events).toMatchObject({ status: 200, body: "data: 1\n\n" });
    expect(events.error).toBeUndefined();
    expect(page).toMatchObject({ status: 0, error: "no answer within 1 s" });
  });

  test("says that nobody listens", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { refused, error } = await askEntry({ ...entry, port }, { url: "https://wiki.ci.test/" });
    expect([refused, error]).toEqual(["connection", expect.stringMatching(/^127\.0\.0\.1:\d+: .*ECONNREFUSED/)]);
  });
});

describe("a check over HTTP", () => {
  const labels = { ...traefikPort(80), "traefik.enable": "true", "traefik.http.routers.wiki.rule": "Host(`x`)" };
  const app = appSpec({ services: [serviceSpec({ labels })] });
  const look = (over: object) => checkContext({ app, entry, clock: systemClock, ...over });

  test("asks what Traefik routes to by the domain, through the entry", async () => {
    const { summary } = await httpAnswers({ path: "/x", body: '"host":"wiki.ci.test"' })(look({}));
    expect(summary).toMatch(/^200 from https:\/\/wiki\.ci\.test\/x/);
  });

  describe("where some app takes every name", () => {
    const own = appSpec({
      services: [
        serviceSpec({
          labels: {
            ...traefikPort(80),
            "traefik.enable": "true",
            "traefik.http.routers.wiki.rule": "Host(`wiki.ci.test`)",
          },
        }),
      ],
    });
    const known = (more: TraefikRouter) => async (): Promise<TraefikState> => {
      const router = { rule: "Host(`wiki.ci.test`)", service: "wiki", using: ["web-secure"], ...more };
      return { routers: { "wiki@swarm": router }, tcpRouters: {}, services: {}, log: [] };
    };
    const asked = (more: TraefikRouter) => httpAnswers({ within: "0 s" })(look({ app: own, traefik: known(more) }));

    test("that one's answer is not the app's, whose router is off", async () => {
      await expect(asked({ status: "disabled", error: ["no such rule"] })).rejects.toThrow(
        "another app answered, whose router takes every name: Traefik has no router for wiki.ci.test: router wiki is switched off: no such rule",
      );
    });

    test("the app answers whose router serves", async () => {
      expect((await asked({ status: "enabled" })).summary).toMatch(/^200 from https/);
    });
  });

  test("charges the node where Traefik is down", async () => {
    const asked = httpAnswers({ within: "0 s" })(look({ entry: { ...entry, port: 1 } }));
    await expect(asked).rejects.toMatchObject({
      owner: "infra",
      message: expect.stringMatching(/Traefik does not answer/),
    });
  });
});

describe("names of apps that are gone", () => {
  const names = ["old.ci.test", "new.ci.test"];
  const look = (status: typeof gone, within: Duration = "0 s") => {
    gone = status;
    return namesAreSilent(entry, names, { within }).finally(() => {
      gone = () => undefined;
    });
  };

  test("get Traefik's own 404, once it has seen that", async () => {
    let asked = 0;
    const late = look((host) => (host === "old.ci.test" && asked++ < 2 ? 502 : 404), "20 s");
    expect(await late).toEqual({ summary: "2 names: Traefik's own 404", details: { names } });
  });

  test.each([
    ["an app still answers", undefined, "status 200"],
    ["a router without a server is left", 503, "status 503"],
    ["a page is missing in an app", 410, "status 410"],
  ])("are not silent where %s", async (_, status, says) => {
    const asked = look((host) => (host === "old.ci.test" ? status : 404));
    await expect(asked).rejects.toMatchObject({
      owner: "infra",
      message: expect.stringContaining(`last seen: old.ci.test: ${says}`),
    });
  });

  test("are not charged with a neighbour that takes every name", async () => {
    expect(await look(() => 401)).toMatchObject({ summary: "2 names: as any name here, by another app's router" });
    await expect(look((host) => (host === "new.ci.test" ? undefined : 401))).rejects.toThrow("new.ci.test: status 200");
  });
});

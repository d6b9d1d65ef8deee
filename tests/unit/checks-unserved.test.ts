import { describe, expect, test } from "vitest";
import type { EntryResponse } from "../../checks/http/entry-request.ts";
import { type UnservedLook, whyUnserved } from "../../checks/http/unserved.ts";
import { parseLog, type TraefikState } from "../../swarm/entry/traefik.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";
import recorded from "../fixtures/traefik-answers.json" with { type: "json" };

/** What Traefik 3.6.15 said of a dozen services, each broken in one way. */
const state: TraefikState = { ...recorded.rawdata, tcpRouters: {}, log: parseLog(recorded.log.join("\n")) };

const entry = { address: "10.0.0.1", port: 443, baseDomain: "ci.test", entryPoints: ["web", "web-secure"] };

/** The app of one of those services, asked for at its own name. */
function look(name: string, response: Partial<EntryResponse>, over: Partial<UnservedLook> = {}): UnservedLook {
  const labels = { "traefik.enable": "true", [`traefik.http.routers.${name}.rule`]: `Host(\`${name}.ci.test\`)` };
  const service = serviceSpec({ key: name, name: `plat_${name}`, labels });
  const whole = { status: 404, contentType: "text/plain", body: "", durationMs: 1, headers: {}, ...response };
  const app = appSpec({ namespace: "plat", domain: `${name}.ci.test`, services: [service] });
  return { app, entry, host: `${name}.ci.test`, response: whole, traefik: state, ...over };
}

describe("why Traefik does not serve an app", () => {
  test.each<[string, number, RegExp]>([
    ["otherhost", 404, /no router for otherhost\.ci\.test.*router otherhost is for Host\(`wiki\.example\.org`\)/],
    ["noentry", 404, /entryPoint "websecure" doesn't exist.*; there are web, web-secure/],
    ["badrule", 404, /router badrule is switched off: .*badrule\.ci\.test is not defined/],
    ["nomiddleware", 404, /middleware "auth@swarm" does not exist/],
    ["noservice", 404, /router noservice is switched off: the service "elsewhere@swarm" does not exist/],
    ["noport", 404, /noport, which the labels declare, it knows none; it says: .*port is missing/],
    ["absent", 404, /of absent, which the labels declare, it knows none$/],
    [
      "wrongport",
      502,
      /router wrongport sends to service wrongport at http:\/\/10\.0\.1\.\d+:8081, which can't be reached/,
    ],
    ["notproxy", 504, /sends to service notproxy at .*does not answer there.*it says: .*named "proxy"/],
  ])("%s, status %i", (name, status, said) => {
    const why = whyUnserved(look(name, { status }));
    expect(why?.reason).toMatch(said);
    expect(why?.owner).toBe("recipe");
  });

  test.each<[string, string, number, string?]>([
    ["a page that the app does not have", "right", 404],
    ["its own failure", "right", 500],
    ["its own word that it is not ready", "right", 503, "<h1>We are migrating</h1>"],
    ["an answer, whatever its resolver of certificates is called", "resolver", 404],
  ])("not at all where it was %s", (_what, name, status, body = "") => {
    expect(whyUnserved(look(name, { status, body }))).toBeUndefined();
  });

  test.each(["https", "h2c"])("since it does not speak %s as it says", (scheme) => {
    const { app } = look("right", {});
    const label = { "traefik.http.services.right.loadbalancer.server.scheme": scheme };
    const services = app.services.map((one) => ({ ...one, labels: { ...one.labels, ...label } }));
    const failed = { status: 500, body: "Internal Server Error" };
    const why = whyUnserved(look("right", failed, { app: { ...app, services } }));
    expect(why?.reason).toMatch(new RegExp(`router right can't speak ${scheme} with the app`));
    expect(whyUnserved(look("right", failed))).toBeUndefined();
  });

  test("since it is down: the node's failure", () => {
    const why = whyUnserved(look("right", { status: 0, refused: "connection", error: "connect ECONNREFUSED" }));
    expect(why).toEqual({ owner: "infra", reason: expect.stringContaining("10.0.0.1:443: connect ECONNREFUSED") });
  });

  test("since it names options of TLS that the platform has not", () => {
    const { app } = look("right", {});
    const of = (options: string, error: string) => {
      const label = { "traefik.http.routers.right.tls.options": options };
      const services = app.services.map((one) => ({ ...one, labels: { ...one.labels, ...label } }));
      const response = { status: 0, refused: "connection", error } as const;
      return whyUnserved(look("right", response, { app: { ...app, services } }));
    };
    const ended = "Client network socket disconnected before secure TLS connection was established";
    expect(of("modern@file", ended)).toEqual({
      owner: "recipe",
      reason: expect.stringContaining("label traefik.http.routers.right.tls.options names the options modern@file"),
    });
    expect([of("default", ended)?.owner, of("modern@file", "connect ECONNREFUSED")?.owner]).toEqual(["infra", "infra"]);
  });

  test("since its certificate does not hold: the node's failure, but for a name that no wildcard covers", () => {
    const shown = { subject: "TRAEFIK DEFAULT CERT", issuer: "", names: "abc.traefik.default" };
    const refused = { status: 0, refused: "certificate", certificate: shown } as const;
    expect(whyUnserved(look("right", refused))).toEqual({
      owner: "infra",
      reason:
        "Traefik has no right certificate for right.ci.test: it shows TRAEFIK DEFAULT CERT, for abc.traefik.default",
    });
    for (const host of ["a.b.ci.test", "wiki.example.org"]) {
      const why = whyUnserved(look("right", refused, { host }));
      expect(why?.owner).toBe("recipe");
      expect(why?.reason).toMatch(`names one label below ci.test, and ${host} is none`);
    }
  });

  test("and it can't be asked: says so", () => {
    expect(whyUnserved(look("right", { status: 404 }, { traefik: "it is off" }))?.reason).toMatch("asked: it is off");
  });
});

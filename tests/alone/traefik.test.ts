import { X509Certificate } from "node:crypto";
import { connect as tcpConnect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckFailure } from "../../checks/check-failure.ts";
import { entryAnswering } from "../../checks/http/entry-answers.ts";
import { askEntry } from "../../checks/http/entry-request.ts";
import { httpAnswers } from "../../checks/http/http.ts";
import { otherRoutes, routesServe } from "../../checks/http/other-routes.ts";
import { sharedNames } from "../../checks/shared-names.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { ensureImages } from "../../images/ensure.ts";
import { PROBE_IMAGE } from "../../images/own.ts";
import { systemClock } from "../../lib/clock.ts";
import { present } from "../../lib/present.ts";
import { PROXY_NETWORK } from "../../machine/swarm.ts";
import type { Swarm } from "../../swarm/client.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import { TRAEFIK_INTERNAL, TRAEFIK_SERVICE } from "../../swarm/entry/labels.ts";
import { askTraefik } from "../../swarm/entry/traefik.ts";
import { containerOf } from "../../swarm/exec.ts";
import { networkId } from "../../swarm/networks.ts";
import { appSpec, checkContext, serviceSpec } from "../fixtures/spec.ts";
import { TestRun, testSwarmWithImages } from "../live/swarm-fixture.ts";

/** A page of `httpd` that is there, and no other is. */
const SERVE = ["sh", "-c", "echo it works > /tmp/index.html; exec httpd -f -p 80 -h /tmp"];

/** How one app's labels differ from right ones. `R` is its router's and its service's name; null takes one away. */
interface Case {
  labels?: Record<string, string | null>;
  /** Host that is asked for, below the base domain. Default: its own. */
  host?: string;
  /** What the failure says; undefined: it is served. */
  said?: RegExp;
}

const CASES: Record<string, Case> = {
  right: {},
  "an unknown resolver of certificates": { labels: { "traefik.http.routers.R.tls.certresolver": "production" } },
  "a wrong port": {
    labels: { "traefik.http.services.R.loadbalancer.server.port": "8081" },
    said: /sends to service \S+ at http:\/\/10\.\d+\.\d+\.\d+:8081, which can't be reached there \(status 502\)/,
  },
  "another host": {
    labels: { "traefik.http.routers.R.rule": "Host(`wiki.example.org`)" },
    said: /Traefik has no router for \S+, so its own 404 came: router \S+ is for Host\(`wiki\.example\.org`\)/,
  },
  "an entry point that is not there": {
    labels: { "traefik.http.routers.R.entrypoints": "websecure" },
    said: /is switched off: entryPoint "websecure" doesn't exist.*there are web, web-secure/,
  },
  "no TLS of its own": { labels: { "traefik.http.routers.R.tls.certresolver": null } },
  "neither TLS nor an entry point": {
    labels: { "traefik.http.routers.R.tls.certresolver": null, "traefik.http.routers.R.entrypoints": null },
  },
  "no traefik.enable": { labels: { "traefik.enable": null }, said: /which the labels declare, it knows none/ },
  "traefik.enable=false": { labels: { "traefik.enable": "false" }, said: /which the labels declare, it knows none/ },
  "a name two labels deep": {
    host: "a.b",
    said: /certificate is for names one label below \S+, and a\.b\.\S+ is none: Traefik shows TRAEFIK DEFAULT CERT/,
  },
};

let swarm: Swarm;
let entry: Entry;
let run: TestRun;

beforeAll(async () => {
  swarm = await testSwarmWithImages();
  await ensureImages({ swarm, images: [{ image: PROBE_IMAGE, usedBy: {} }] });
  entry = present(await entryAnswering(swarm), "the Traefik of the node");
  run = new TestRun(swarm);
});

afterAll(() => run[Symbol.asyncDispose]());

/** An app of one service as a case has it, deployed. */
async function deployed(index: number, { labels = {}, host }: Case) {
  const router = `${run.name}-${index}`;
  const domain = `${host ?? router}.${entry.baseDomain}`;
  const right: Record<string, string | null> = {
    "traefik.enable": "true",
    "traefik.http.services.R.loadbalancer.server.port": "80",
    "traefik.http.routers.R.rule": `Host(\`${domain}\`)`,
    "traefik.http.routers.R.entrypoints": "web-secure",
    "traefik.http.routers.R.tls.certresolver": "",
  };
  const all = Object.entries({ ...right, ...labels }).flatMap(([key, value]) =>
    value === null ? [] : [[key.replace(".R.", `.${router}.`), value] as const],
  );
  const own = Object.fromEntries(all);
  const spec = { Labels: { ...run.labels, ...own }, TaskTemplate: { Networks: [{ Target: PROXY_NETWORK }] } };
  const name = await run.service(`app${index}`, { Command: SERVE }, spec);
  // Judged as if it were routed, or the probe would be asked instead.
  const judged = { ...own, "traefik.enable": "true" };
  return appSpec({ namespace: run.name, domain, services: [serviceSpec({ key: "app", name, labels: judged })] });
}

/** What checks of an app are given. */
function contextOf(app: AppSpec) {
  const traefik = (at: Swarm) => askTraefik(at, { run: run.name, image: PROBE_IMAGE });
  return checkContext({ run: run.name, swarm, app, entry, traefik, clock: systemClock });
}

/** Traefik reads all services at once, late on a busy machine: once it has one that was made last, it has the others. */
async function allRead(index: number): Promise<void> {
  await httpAnswers({ body: "it works", within: "60 s" })(contextOf(await deployed(index, {})));
}

test("an app is asked as its users ask it, and what keeps requests from it is named", async () => {
  const apps = await Promise.all(Object.values(CASES).map((one, index) => deployed(index, one)));
  await allRead(90);
  const judged = Object.entries(CASES).map(async ([name, one], index) => {
    const within = one.said ? "10 s" : "60 s";
    const context = contextOf(present(apps[index], name));
    const outcome = await httpAnswers({ body: "it works", within })(context).catch((error: unknown) => error);
    return [name, outcome] as const;
  });
  for (const [name, outcome] of await Promise.all(judged)) {
    const { said } = CASES[name] ?? {};
    const { message = "", owner, summary = "" } = outcome as Partial<CheckFailure> & { summary?: string };
    if (said) expect([name, message, owner]).toEqual([name, expect.stringMatching(said), "recipe"]);
    else expect([name, message, summary]).toEqual([name, "", expect.stringMatching(/^200 from https:/)]);
  }
});

test("a second router is asked as well: it may lead nowhere, or be none that Traefik takes", async () => {
  const noMiddleware = { "traefik.http.routers.R.middlewares": "none-such" };
  const cases = [CASES.right, CASES["a wrong port"], { labels: noMiddleware }];
  const apps = await Promise.all(cases.map((one = {}, index) => deployed(100 + index, one)));
  await allRead(190);
  const outcomes = apps.map((app) => {
    const serve = routesServe({ http: otherRoutes(app, []), tcp: [], health: [] }, "5 s");
    return serve(contextOf(app)).catch(({ message }: Error) => ({ summary: message }));
  });
  expect((await Promise.all(outcomes)).map(({ summary }) => summary)).toEqual([
    expect.stringMatching(/^1 router, asked at https:/),
    expect.stringMatching(/^Traefik's router \S+ sends to service \S+ at \S+:8081, which can't be reached there/),
    expect.stringMatching(/router \S+ is switched off: middleware "none-such@swarm" does not exist/),
  ]);
});

test("two apps at once: a name that both have in proxy is told, and a front that asks for it is named", async () => {
  const proxy = present(await networkId(swarm, PROXY_NETWORK), "the network proxy");
  const inProxy = { TaskTemplate: { Networks: [{ Target: proxy, Aliases: ["app"] }] } };
  const other = await run.service("other_app", {}, inProxy);
  const networks = [{ key: "proxy", name: PROXY_NETWORK, aliases: ["front"] }];
  const front = serviceSpec({ key: "front", networks, env: { BACKEND: "http://app:80" } });
  const app = appSpec({ services: [serviceSpec(), front] });
  const told = `front looks for "app" in proxy (environment BACKEND), which is also the name of`;
  expect(await sharedNames(swarm, app, proxy)).toEqual([
    expect.stringMatching(new RegExp(`^${told.replace(/[()]/g, "\\$&")} .*${other}`)),
  ]);
  const whole = { ...front, env: { BACKEND: "http://wiki_ci_test_app:80" } };
  expect(await sharedNames(swarm, appSpec({ services: [serviceSpec(), whole] }), proxy)).toEqual([]);
});

describe("a node's Traefik", () => {
  test("has a certificate for every name below the base domain, of the node's own authority, and sends http to https", async () => {
    const authority = new X509Certificate(entry.ca);
    expect(authority.ca).toBe(true);
    const { certificate, refused, status } = await askEntry(entry, { url: `https://whatever.${entry.baseDomain}/` });
    expect([refused, status, certificate?.subject]).toEqual([undefined, 404, `*.${entry.baseDomain}`]);
    const plain = await fetch(`http://${entry.address}/`, { headers: { Host: "x" }, redirect: "manual" });
    expect([plain.status, plain.headers.get("location")?.startsWith("https://")]).toEqual([301, true]);
  });

  test("is not trusted by another authority", async () => {
    const { refused } = await askEntry({ ...entry, ca: "" }, { url: `https://x.${entry.baseDomain}/` });
    expect(refused).toBe("certificate");
  });

  test("tells what it knows to nobody outside of its container", async () => {
    const port = Number(TRAEFIK_INTERNAL.split(":")[1]);
    const { id, engine } = await containerOf(swarm, TRAEFIK_SERVICE);
    const { NetworkSettings } = await engine.docker.getContainer(id).inspect();
    const own = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
    expect(own).toHaveLength(1);
    expect(await accepts(entry.address, port)).toBe(false);
    const overProxy = await run.service(
      "nosy",
      { Command: ["sh", "-c", `nc -w 2 ${own[0]} ${port} </dev/null && sleep 600`] },
      {
        TaskTemplate: { Networks: [{ Target: PROXY_NETWORK }], RestartPolicy: { Condition: "none" } },
      },
    );
    const ended = async () => {
      const [task] = await swarm.docker.listTasks({ filters: { service: [overProxy] } });
      return task?.Status.State as string;
    };
    await expect.poll(ended).toBe("failed");
  });
});

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect({ host, port, timeout: 2000 });
    socket
      .once("connect", () => resolve(true))
      .once("error", () => resolve(false))
      .once("timeout", () => resolve(false));
    socket.once("close", () => undefined).unref();
  });
}

import { describe, expect, it } from "vitest";
import type { Labels } from "../../compose/app-spec.ts";
import { routing } from "../../compose/labels/routes.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const PORT = "traefik.http.services.wiki.loadbalancer.server.port";
const RULE = { "traefik.http.routers.wiki.rule": "Host(`wiki.ci.test`)" };
const ROUTE_TO = { "traefik.enable": "true", ...RULE };
const USERS = "traefik.http.middlewares.wiki-auth.basicauth.users";
const ROUTE = { "traefik.enable": "true", ...RULE, [PORT]: "80" };

const on = (...names: string[]) => names.map((name) => ({ key: name, name, aliases: [] }));
const web = (labels: Labels, networks = on("proxy"), containerLabels: Labels = {}) =>
  serviceSpec({ key: "web", labels, networks, containerLabels });
const problemsOf = (...services: ReturnType<typeof serviceSpec>[]) => routing({ services }).problems;

describe("a route that Traefik takes", () => {
  it.each([
    ["by the port in the label", web(ROUTE)],
    ["over proxy, where it is in others too", web(ROUTE, on("wiki_internal", "proxy"))],
    ["over proxy by its name", web({ ...ROUTE, "traefik.docker.network": "proxy" }, on("wiki_internal", "proxy"))],
    ["in another name, where proxy is all there is to fall back on", web({ ...ROUTE, "traefik.docker.network": "x" })],
    ["enabled as Go reads it", web({ ...ROUTE, "traefik.enable": "1" })],
  ])("%s", (_, service) => {
    expect(routing({ services: [service] })).toEqual({ routes: ["web:80"], problems: [] });
  });

  it("to a service that another one declares", () => {
    const router = { "traefik.enable": "true", ...RULE, "traefik.http.routers.wiki.service": "api" };
    const api = { "traefik.enable": "true", "traefik.http.services.api.loadbalancer.server.port": "3000" };
    const services = [web(router, on("internal")), serviceSpec({ key: "api", labels: api, networks: on("proxy") })];
    expect(routing({ services })).toEqual({ routes: ["api:3000"], problems: [] });
  });

  it.each([
    [
      "in capital letters, which Traefik does not tell from others",
      {
        "traefik.enable": "true",
        "traefik.http.routers.wiki.Rule": "Host(`wiki.ci.test`)",
        "traefik.http.services.wiki.loadBalancer.server.port": "80",
      },
    ],
    ["by a whole address", { ...ROUTE_TO, "traefik.http.services.wiki.loadbalancer.server.url": "http://web:80" }],
    ["by its name with Swarm's own provider", { ...ROUTE, "traefik.http.routers.wiki.service": "wiki@swarm" }],
    [
      "past users whose hashes are whole",
      { ...ROUTE, [USERS]: "a:$apr1$ruca84Hq$mbjdMZBAG.KWn7vfN/SNK/,b:{SHA}2PRZAyDhNDqRW2OUFwZQqPNdaSY=" },
    ],
  ])("%s", (_, labels) => {
    expect(routing({ services: [web(labels)] })).toEqual({ routes: ["web:80"], problems: [] });
  });

  it("of Traefik's own, which needs no port", () => {
    expect(
      problemsOf(web({ "traefik.enable": "true", ...RULE, "traefik.http.routers.wiki.service": "api@internal" })),
    ).toEqual([]);
  });

  it("by TCP", () => {
    const labels = {
      "traefik.enable": "true",
      "traefik.tcp.routers.ssh.rule": "HostSNI(`*`)",
      "traefik.tcp.services.ssh.loadbalancer.server.port": "2222",
    };
    expect(routing({ services: [web(labels)] })).toEqual({ routes: ["web:2222"], problems: [] });
  });
});

describe("an app without a route", () => {
  it.each([
    ["says nothing to Traefik", {}],
    ["is switched off", { ...ROUTE, "traefik.enable": "false" }],
    ["has other labels", { "backupbot.backup": "true" }],
  ])("%s", (_, labels) => {
    expect(routing({ services: [web(labels, on("internal"))] })).toEqual({ routes: [], problems: [] });
  });
});

describe("a route that is switched off", () => {
  const off = web({ ...ROUTE, "traefik.enable": "false" });

  it("shows nothing of an app whose domain it is for", () => {
    expect(routing({ services: [off], domain: "wiki.ci.test" }).problems).toEqual([
      "web declares a router for the app's domain, and traefik.enable=false: Traefik shows nothing of the app",
    ]);
  });

  it("is one of several, or for a host of the operators' own", () => {
    const other = serviceSpec({ key: "site", labels: ROUTE, networks: on("proxy") });
    expect(routing({ services: [off, other], domain: "wiki.ci.test" }).problems).toEqual([]);
    expect(routing({ services: [off], domain: "other.ci.test" }).problems).toEqual([]);
  });
});

it.each(["", "yes", "on"])("a truth value that Traefik can't read is none: %j", (enable) => {
  expect(problemsOf(web({ ...ROUTE, "traefik.enable": enable }))).toEqual([
    `web declares routers, and its label traefik.enable is "${enable}", not true: Traefik passes it over`,
  ]);
});

describe("a port of the node that Traefik has", () => {
  const published = (port: number, labels: Labels) => {
    const ports = [{ target: 80, published: port, protocol: "tcp", mode: "ingress" } as const];
    return problemsOf({ ...web(labels), ports: [...ports] });
  };

  it.each([80, 443])("%i is refused beside a route", (port) => {
    expect(published(port, ROUTE)).toEqual([
      `web publishes port ${port} of the node, which Traefik has: Swarm refuses it beside Traefik`,
    ]);
  });

  it("is a proxy's own, and another is free", () => {
    const dashboard = { "traefik.enable": "true", ...RULE, "traefik.http.routers.wiki.service": "api@internal" };
    expect(published(443, dashboard)).toEqual([]);
    expect(published(8443, ROUTE)).toEqual([]);
  });
});

describe("a route by which nobody arrives", () => {
  it.each([
    [
      "not on proxy",
      web(ROUTE, on("wiki_internal")),
      "Traefik is in network proxy and can't reach web: it is in wiki_internal",
    ],
    [
      "in a network of its own of that name",
      web(ROUTE, [{ key: "proxy", name: "wiki_proxy", aliases: [] }]),
      "Traefik is in network proxy and can't reach web: it is in wiki_proxy, a network of the app's own: proxy has to be external: true",
    ],
    ["in no network", web(ROUTE, []), "Traefik is in network proxy and can't reach web: it is in no network"],
    [
      "a network it is not in",
      web({ ...ROUTE, "traefik.docker.network": "traefik" }, on("proxy", "wiki_internal")),
      "traefik.docker.network of web names traefik, and it is in proxy, wiki_internal",
    ],
    [
      "a network that Traefik is not in",
      web({ ...ROUTE, "traefik.docker.network": "wiki_internal" }, on("proxy", "wiki_internal")),
      "traefik.docker.network of web names wiki_internal, and Traefik is in proxy",
    ],
    [
      "labels of the container",
      web({}, on("proxy"), ROUTE),
      "the labels for Traefik of web are its containers' (labels:), and Traefik reads those of deploy.labels",
    ],
    [
      "not enabled",
      web({ ...RULE, [PORT]: "80" }),
      "web declares routers, but no deploy label traefik.enable=true: Traefik passes it over",
    ],
    [
      "no port",
      web({ "traefik.enable": "true", ...RULE }),
      "Traefik needs the port of web as a number in deploy label traefik.http.services.NAME.loadbalancer.server.port: there is none",
    ],
    [
      "a word for a port",
      web({ ...ROUTE, [PORT]: "web" }),
      `Traefik needs the port of web as a number in deploy label ${PORT}: it is "web"`,
    ],
    [
      "no port there is",
      web({ ...ROUTE, [PORT]: "70000" }),
      `Traefik needs the port of web as a number in deploy label ${PORT}: it is "70000"`,
    ],
    [
      "a service that nobody declares",
      web({ ...ROUTE, "traefik.http.routers.wiki.service": "wikki" }),
      "router wiki of web sends to wikki, which no service declares",
    ],
    [
      "a service by the name of another provider",
      web({ ...ROUTE, "traefik.http.routers.wiki.service": "wiki@docker" }),
      "router wiki of web sends to wiki@docker, and Traefik calls what a Swarm declares wiki@swarm",
    ],
    [
      "no router at all",
      web({ "traefik.enable": "true", [PORT]: "80" }),
      "web has traefik.enable=true, and no router: no deploy label says at which host it is shown",
    ],
    [
      "an address that is none",
      web({ ...ROUTE_TO, "traefik.http.services.wiki.loadbalancer.server.url": "web" }),
      'deploy label traefik.http.services.wiki.loadbalancer.server.url of web is no URL: "web"',
    ],
    [
      "a login of which docker took the hash",
      web({ ...ROUTE, [USERS]: "admin:.KWn7vfN/SNK/" }),
      `${USERS} of web has no whole hash for admin, who can't log in: each $ of a hash is $$ in a compose file`,
    ],
    [
      "one of two services",
      web({ ...ROUTE, "traefik.http.services.other.loadbalancer.server.port": "81" }),
      "router wiki of web names no service, and there are wiki, other",
    ],
  ])("%s", (_, service, problem) => {
    expect(problemsOf(service)).toEqual([problem]);
  });
});

it("a service with labels for either of Traefik's providers is skipped", () => {
  const docker = { "traefik.docker.network": "proxy" };
  expect(problemsOf(web({ ...ROUTE, ...docker, "traefik.swarm.network": "proxy" }))).toEqual([
    "web has the labels traefik.docker.network and traefik.swarm.network: Traefik skips a service that has both kinds",
  ]);
  expect(problemsOf(web({ ...ROUTE, ...docker, "traefik.swarm.network": "" }))).toEqual([]);
});

describe("one name of two of Traefik's services", () => {
  const API = "traefik.http.services.wiki.loadbalancer.server.port";
  const api = (port: string, image = "api:1") =>
    serviceSpec({ key: "api", image, labels: { "traefik.enable": "true", [API]: port }, networks: on("proxy") });

  it("mixes what they answer", () => {
    expect(problemsOf(web(ROUTE), api("3000"))).toEqual([
      "Traefik's service wiki (labels traefik.http.services.wiki) is declared for web:80 and api:3000: it sends requests to them in turn, whichever was meant",
    ]);
    expect(problemsOf(web(ROUTE), api("80"))).toHaveLength(1);
  });

  it("mixes them with those of a worker that has the labels by mistake", () => {
    expect(problemsOf(web(ROUTE), { ...api("80", web(ROUTE).image), args: ["work"] })).toHaveLength(1);
  });

  it("is that of one program's servers", () => {
    expect(problemsOf(web(ROUTE), api("80", web(ROUTE).image))).toEqual([]);
  });
});

describe("rules that take requests from others", () => {
  const routers = (rules: Record<string, string>, more: Labels = {}) => {
    const labels = Object.entries(rules).flatMap(([name, rule], at) => [
      [`traefik.http.routers.${name}.rule`, rule],
      [`traefik.http.routers.${name}.service`, name],
      [`traefik.http.services.${name}.loadbalancer.server.port`, String(80 + at)],
    ]);
    return problemsOf(web({ "traefik.enable": "true", ...Object.fromEntries(labels), ...more }));
  };
  const SAME = { wiki: "Host(`wiki.ci.test`)", admin: "Host(`wiki.ci.test`) " };

  it("of two that are the same one is never asked", () => {
    expect(routers(SAME)).toEqual([
      "routers wiki (to web:80) and admin (to web:81) have the same rule, Host(`wiki.ci.test`): Traefik sends requests to one of them alone",
    ]);
    expect(routers(SAME, { "traefik.http.routers.admin.priority": "100" })).toHaveLength(1);
  });

  it.each<[string, Labels]>([
    ["they lead to one place", { "traefik.http.routers.admin.service": "wiki" }],
    [
      "they are at different entry points",
      { "traefik.http.routers.wiki.entrypoints": "web-secure", "traefik.http.routers.admin.entrypoints": "admin" },
    ],
    ["one is for TLS", { "traefik.http.routers.wiki.tls": "true" }],
  ])("the same rule twice is right where %s", (_, more) => {
    expect(routers(SAME, more)).toEqual([]);
  });

  it.each([
    "PathPrefix(`/`)",
    "PathPrefix(`/wiki`)",
    "Host(`wiki.ci.test`) || PathPrefix(`/wiki`)",
    "HostRegexp(`.+`)",
    "!Host(`wiki.ci.test`)",
  ])("%s is for every other app of a server too", (rule) => {
    expect(routers({ wiki: rule })).toEqual([
      `router wiki of web takes requests for every other app of the server as well: its rule ${rule} leaves the host open`,
    ]);
    // Which comes after all others by intent.
    expect(routers({ wiki: rule }, { "traefik.http.routers.wiki.priority": "1" })).toEqual([]);
  });

  it.each([
    "Host(`wiki.ci.test`) && PathPrefix(`/wiki`)",
    "(Host(`wiki.ci.test`) || Host(`www.ci.test`)) && Path(`/a`)",
    "HostRegexp(`^.+\\.wiki\\.ci\\.test$`)",
    "PathPrefix(`/a`) && Header(`X-App`, `wiki`)",
    "host(`wiki.ci.test`)",
  ])("%s is for its own host", (rule) => {
    expect(routers({ wiki: rule })).toEqual([]);
  });
});

it.each([
  ["traefik.enable ", "docker keeps blanks around ="],
  ["traefik.enable: true", "in a list a value comes after ="],
])("a label that is called %j is another", (name, why) => {
  const problems = problemsOf(web({ ...RULE, [PORT]: "80", [name]: "" }));
  expect(problems[0]).toBe(`label "${name}" of web is another than traefik.enable: ${why}`);
});

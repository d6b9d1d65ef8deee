import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AppSpec, ConfigSpec, NetworkSpec, ServiceSpec } from "../../compose/app-spec.ts";
import type { Change } from "../../diff/change.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { unifiedDiff } from "../../diff/text-diff.ts";
import { HIDDEN } from "../../masking/sensitive.ts";
import { changedApp, richApp } from "../fixtures/rich-app.ts";
import { appSpec, serviceSpec, traefikPort } from "../fixtures/spec.ts";

type Path = (string | number)[];

/** Every place in plain data: objects, lists and single values. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value);
  return [path, ...inside.flatMap(([key, item]) => places(item, [...path, key]))];
}

function parentOf(root: unknown, path: Path): Record<string | number, unknown> {
  return path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, root as Record<string, unknown>);
}

/** Whatever else a value could be: another of its kind, or one more or less of it. */
function others(value: unknown): unknown[] {
  if (typeof value === "string") return [`${value}x`, ""].filter((text) => text !== value);
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  if (value === null) return ["given"];
  // A further field of a service is seen to by the type of the comparison.
  if (!Array.isArray(value)) return Object.hasOwn(Object(value), "image") ? [] : [{ ...value, another: "more" }];
  const last = value.at(-1);
  return typeof last === "string"
    ? [[...value, `${last}x`], value.slice(0, -1)]
    : value.length
      ? [value.slice(0, -1)]
      : [];
}

/** The rich app changed at one place in every way, and the place. */
function mutants(): { place: string; app: AppSpec }[] {
  return places(richApp)
    .filter((path) => path.length > 0 && path[0] !== "commit")
    .flatMap((path) => {
      const key = path.at(-1) ?? "";
      const change = (act: (parent: Record<string | number, unknown>) => void) => ({
        place: path.join("."),
        app: changedApp((copy) => act(parentOf(copy, path))),
      });
      const current = parentOf(richApp, path)[key];
      const replaced = others(current).map((value) => change((parent) => Object.assign(parent, { [key]: value })));
      const isObjectField = typeof key === "string" && isOptional(path);
      return isObjectField ? [...replaced, change((parent) => delete parent[key])] : replaced;
    });
}

/** What may be left out of a spec: entries of records, and the fields its type marks as optional. */
function isOptional(path: Path): boolean {
  const [part, index, field] = path;
  if (path.length === 1) return part === "version" || part === "domain";
  if (path.length > 3)
    return !(
      part === "services" && ["mounts", "secrets", "configs", "networks", "ports", "mode"].includes(String(field))
    );
  const absent = part === "services" && index === 0 ? richApp.services[1] : undefined;
  return absent !== undefined && !(String(field) in absent);
}

test("an app does not differ from itself, nor from another commit that asks for the same", () => {
  expect(diffApps(richApp, richApp)).toEqual([]);
  expect(
    diffApps(
      richApp,
      changedApp((copy) => Object.assign(copy, { commit: "f".repeat(40) })),
    ),
  ).toEqual([]);
});

/** There are hundreds: made once. */
const MUTANTS = mutants();

test("nothing changes in silence: every single change of a rich app is reported, in both directions", () => {
  expect(MUTANTS.length).toBeGreaterThan(300);
  const silent = MUTANTS.filter(
    ({ app }) => diffApps(richApp, app).length === 0 || diffApps(app, richApp).length === 0,
  );
  expect(silent.map(({ place }) => place)).toEqual([]);
});

test("any set of changes together is reported, in the same order every time, and undone is none", () => {
  fc.assert(
    fc.property(fc.constantFrom(...MUTANTS), fc.constantFrom(...MUTANTS), ({ app: base }, { app: head }) => {
      const changes = diffApps(base, head);
      expect(changes.length === 0).toBe(JSON.stringify(base) === JSON.stringify(head));
      expect(JSON.stringify(diffApps(structuredClone(base), structuredClone(head)))).toBe(JSON.stringify(changes));
    }),
    { numRuns: 100 },
  );
});

/** What one change of the rich app is told as. */
function told(change: (copy: AppSpec) => void): Change[] {
  return diffApps(richApp, changedApp(change));
}

function service(app: AppSpec, key: string): ServiceSpec {
  const found = app.services.find((candidate) => candidate.key === key);
  if (!found) throw new Error(`the rich app has no service ${key}`);
  return found;
}

function config(app: AppSpec): ConfigSpec {
  const [found] = app.configs;
  if (!found) throw new Error("the rich app has no config");
  return found;
}

const encoded = (text: string) => Buffer.from(text).toString("base64");

test("a new release is told once: the label, the variable and the label of the image that repeat it are not", () => {
  const changes = told((copy) => {
    copy.version = "2.2.0+1.5.0";
    const app = service(copy, "app");
    app.image = "example.org/wiki:1.5.0-alpine";
    app.labels["com.docker.stack.image"] = app.image;
    app.labels[`coop-cloud.${copy.namespace}.version`] = copy.version;
    app.env.TYPE = `wiki:${copy.version}`;
  });
  expect(changes).toMatchObject([
    { area: "version", before: "2.1.0+1.4.2", after: "2.2.0+1.5.0", note: "minor: nothing to do by hand" },
    { area: "image", subject: "app", note: "a minor jump", severity: "info" },
  ]);
});

test.each([
  ["2.0.9+1.5.0", "error", /^goes back from 2\.1\.0\+1\.4\.2 to 2\.0\.9\+1\.5\.0: abra tells by this label/],
  ["2.1.0+1.4.1", "info", /own version stays/],
  ["next", "warning", /no release version/],
])("the version label 2.1.0+1.4.2 becoming %s is a %s", (version, severity, note) => {
  const [change] = told((copy) => Object.assign(copy, { version }));
  expect(change).toMatchObject({ area: "version", severity, note: expect.stringMatching(note) });
});

test.each([
  ["mariadb:11.4", "warning", /major jump/],
  ["mariadb:10.5", "warning", /goes back/],
  ["mariadb:10.11.2", "info", /patch jump/],
  ["mariadb:10.11-jammy", "info", /another variant/],
  ["mariadb:latest", "info", /no version to compare/],
  ["docker.io/library/mariadb:10.11", "info", /same image/],
  ["mariadb:10.11@sha256:00", "info", /same tag/],
  ["postgres:17", "warning", /another image/],
])("the image mariadb:10.11 becoming %s is a %s", (image, severity, note) => {
  const changes = told((copy) => Object.assign(service(copy, "db"), { image }));
  expect(changes.find(({ area }) => area === "image")).toMatchObject({ severity, note: expect.stringMatching(note) });
});

test("new content under an old config name is an error that says which variable to raise", () => {
  const [change, ...others] = told((copy) =>
    Object.assign(config(copy), { data: encoded("server {\n    listen 81;\n}\n") }),
  );
  expect(others).toEqual([]);
  expect(change).toMatchObject({ area: "config", subject: "nginx_conf", kind: "changed", severity: "error" });
  expect(change?.note).toContain("only updates to Labels are allowed");
  expect(change?.note).toContain("raise NGINX_CONF_VERSION in abra.sh");
  expect(change?.diff).toBe("@@ -1,3 +1,3 @@\n server {\n-    listen 80;\n+    listen 81;\n }");
});

test("a config renamed with its content is fine, and one that takes another's old name is not", () => {
  const renamed = told((copy) => {
    Object.assign(config(copy), { data: encoded("new\n"), name: `${copy.namespace}_nginx_conf_v3` });
    Object.assign(service(copy, "app").configs[0] ?? {}, { name: `${copy.namespace}_nginx_conf_v3` });
  });
  expect(renamed).toMatchObject([{ area: "config", severity: "info" }]);
  const taken = told((copy) => Object.assign(config(copy), { key: "other", data: encoded("new\n") }));
  expect(taken.filter(({ severity }) => severity === "error")).toMatchObject([{ subject: "other", kind: "added" }]);
});

test("a config whose name has no version gets told how to have one, whatever variables are around", () => {
  const unversioned = (data: string) => (copy: AppSpec) => {
    Object.assign(config(copy), { name: "wiki_conf_v2", versionVariable: undefined, data });
  };
  const [change] = diffApps(changedApp(unversioned("AAAA")), changedApp(unversioned("AAEA")));
  expect(change).toMatchObject({ severity: "error", note: expect.stringContaining("let its name end in a version") });
  expect(change?.diff).toBeUndefined();
});

test("an external config is told by its name alone: what is in it is the operators' business", () => {
  const shared = (copy: AppSpec) => copy.configs[1] ?? config(copy);
  const own = { external: false, data: encoded("x"), file: "ca.pem" };
  const notes = (base: AppSpec, head: AppSpec) =>
    diffApps(base, head).map(({ subject, kind, severity, note }) => [subject, kind, severity, note]);
  const given = changedApp((copy) => void Object.assign(shared(copy), own));
  expect(notes(given, richApp)[0]).toEqual(["shared", "changed", "warning", "operators must make it first"]);
  expect(notes(richApp, given)).toEqual([
    ["shared", "changed", "info", "what operators have in the old one is not known here"],
    ["shared external", "changed", "warning", expect.stringContaining("operators have made it already")],
    ["shared file", "changed", "info", undefined],
  ]);
  const without = changedApp((copy) => void copy.configs.pop());
  expect(notes(without, richApp)).toEqual([["shared", "added", "warning", "operators must make it first"]]);
});

test("new content of a secret that the recipe holds is refused under its old name, and never shown", () => {
  const spare = (copy: AppSpec) => copy.secrets[2] ?? { name: "", content: undefined };
  const content = { file: "spare.txt", data: encoded("squeamish") };
  const same = told((copy) => Object.assign(spare(copy), { content }));
  expect(same).toMatchObject([{ subject: "spare content.data", severity: "error" }]);
  expect(JSON.stringify(same)).not.toMatch(new RegExp(`squeamish|${content.data}|a spare`));
  const renamed = told((copy) => Object.assign(spare(copy), { content, name: "wiki_spare_2" }));
  expect(renamed.filter(({ severity }) => severity !== "info")).toEqual([]);
  const added = diffApps(
    changedApp((copy) => void copy.secrets.pop()),
    richApp,
  );
  expect(added).toMatchObject(
    [{ subject: "spare", kind: "added", severity: "info", note: /docker stack deploy/ }].map((one) => ({
      ...one,
      note: expect.stringMatching(one.note),
    })),
  );
});

test("who uses a secret is told with the services, and its version with its name", () => {
  const users = told((copy) => {
    service(copy, "app").secrets.pop();
    Object.assign(copy.secrets[1] ?? {}, { users: [] });
  });
  expect(users.map(({ area, subject }) => `${area} ${subject}`)).toEqual(["secret app smtp"]);
  const renamed = told((copy) => {
    const name = `${copy.namespace}_db_password_v2`;
    Object.assign(copy.secrets[0] ?? {}, { name, version: "v2" });
    Object.assign(service(copy, "app").secrets[0] ?? {}, { name });
  });
  expect(renamed.map(({ area, subject }) => `${area} ${subject}`)).toEqual(["secret db_password name"]);
});

test("a template driver that Swarm would not take over, and a mode it refuses, are errors", () => {
  const errors = (changes: Change[]) => changes.filter(({ severity }) => severity === "error");
  expect(errors(told((copy) => Object.assign(config(copy), { templateDriver: undefined })))).toHaveLength(1);
  const mode = errors(told((copy) => Object.assign(service(copy, "app"), { mode: { kind: "global" } })));
  expect(mode).toMatchObject([{ subject: "app mode.kind", replaces: "app" }]);
  expect(errors(told((copy) => Object.assign(service(copy, "app").mode, { replicas: 3 })))).toEqual([]);
});

test.each<[string, (copy: AppSpec) => void]>([
  ["an alias", (copy) => service(copy, "app").networks[0]?.aliases.push("more")],
  ["a network", (copy) => service(copy, "app").networks.pop()],
  ["a container label", (copy) => Object.assign(service(copy, "app").containerLabels, { a: "b" })],
  ["a host", (copy) => service(copy, "app").hosts?.push("10.0.0.2 mail")],
  ["a sysctl", (copy) => Object.assign(service(copy, "app").sysctls ?? {}, { "net.core.somaxconn": "1" })],
])("%s changes the service in place, as Swarm can", (_what, change) => {
  const changes = told(change);
  expect(changes.length).toBeGreaterThan(0);
  expect(changes.filter(({ replaces }) => replaces !== undefined)).toEqual([]);
});

test("what stays behind is said: a dropped service, a dropped volume, a mount of another volume", () => {
  const dropped = told((copy) => {
    copy.services = copy.services.filter(({ key }) => key !== "db");
    copy.volumes = copy.volumes.filter(({ key }) => key !== "db");
  });
  expect(dropped).toMatchObject([
    {
      area: "service",
      subject: "db",
      severity: "warning",
      note: expect.stringContaining(`docker service rm ${richApp.namespace}_db`),
    },
    { area: "volume", subject: "db", severity: "warning", note: expect.stringContaining("data left behind") },
  ]);
  const moved = told((copy) => Object.assign(service(copy, "db").mounts[0] ?? {}, { source: "elsewhere" }));
  expect(moved.find(({ subject }) => subject === "db /var/lib/mysql")).toMatchObject({
    area: "mount",
    before: `volume ${richApp.namespace}_db`,
    after: "volume elsewhere",
    severity: "warning",
  });
});

test.each([
  ["ingress", "ingress", "error"],
  ["ingress", "host", "error"],
  ["host", "host", "warning"],
] as const)("a port in %s mode of a dropped service, published anew in %s mode, is an %s", (old, now, severity) => {
  const port = { target: 80, published: 8123, protocol: "tcp" as const };
  const publish = (copy: AppSpec, key: string, mode: "ingress" | "host") =>
    Object.assign(service(copy, key), { ports: [{ ...port, mode }] });
  const base = changedApp((copy) => publish(copy, "db", old));
  const head = changedApp((copy) => {
    copy.services = copy.services.filter(({ key }) => key !== "db");
    publish(copy, "app", now);
  });
  const dropped = diffApps(base, head).find(({ area, subject }) => area === "service" && subject === "db");
  expect(dropped).toMatchObject({ kind: "removed", severity });
  const held = "it holds port 8123/tcp, which app publishes";
  expect(dropped?.note?.includes(held)).toBe(severity === "error");
});

test.each<[string, string, string, boolean, "error" | "warning"]>([
  ["a new service alone has", "database", "db", false, "error"],
  ["a new service only reads", "database", "db", true, "warning"],
  ["a service has that was there before", "app", "db", false, "warning"],
  ["no service has", "database", "other", false, "warning"],
])("a dropped service goes on writing to its volume, which %s", (_, key, volume, readOnly, severity) => {
  const head = changedApp((copy) => {
    const { mounts: _mounts, ...dropped } = service(copy, "db");
    copy.services = copy.services.filter((one) => one.key !== "db");
    const mount = {
      type: "volume" as const,
      source: `${richApp.namespace}_${volume}`,
      target: "/var/lib/mysql",
      readOnly,
    };
    if (key === "app") service(copy, "app").mounts.push(mount);
    else copy.services.push({ ...dropped, key, name: `${richApp.namespace}_${key}`, networks: [], mounts: [mount] });
  });
  const found = diffApps(richApp, head).find(({ area, subject }) => area === "service" && subject === "db");
  expect(found).toMatchObject({ kind: "removed", severity });
  expect(found?.note?.includes("it goes on writing to volume db, which is database's now")).toBe(severity === "error");
});

describe("a dropped service goes on doing what", () => {
  const front = (key: string, router: string, port: number) =>
    serviceSpec({
      key,
      networks: [{ key: "proxy", name: "proxy", aliases: [key] }],
      labels: {
        "traefik.enable": "true",
        ...traefikPort(port, router),
        [`traefik.http.routers.${router}.rule`]: "Host(`wiki.ci.test`)",
      },
    });
  const cache = (key: string, ...aliases: string[]) =>
    serviceSpec({ key, networks: [{ key: "internal", name: "wiki_internal", aliases: [key, ...aliases] }] });
  const note = (old: ServiceSpec, now: ServiceSpec) =>
    diffApps(appSpec({ services: [serviceSpec(), old] }), appSpec({ services: [serviceSpec(), now] })).find(
      ({ kind }) => kind === "removed",
    );

  test.each<[string, ServiceSpec, ServiceSpec, RegExp]>([
    ["a router has moved to", front("front", "wiki", 80), front("web", "wiki", 8080), /web's now \(router wiki\)/],
    ["another router has", front("front", "wiki", 80), front("web", "other", 80), /web's now \(router wiki\)/],
    ["an alias has", cache("redis"), cache("valkey", "redis"), /answering to "redis", which is valkey's name now/],
  ])("%s another service for", (_, old, now, says) => {
    expect(note(old, now)).toMatchObject({ severity: "error", note: expect.stringMatching(says) });
  });

  test.each<[string, ServiceSpec, ServiceSpec]>([
    ["has names that nobody takes over", cache("redis", "store"), cache("valkey")],
    ["never ran", { ...cache("redis"), mode: { kind: "replicated", replicas: 0 } }, cache("valkey", "redis")],
  ])("is harmless where it %s", (_, old, now) => {
    expect(note(old, now)).toMatchObject({ severity: "warning" });
  });
});

test("what operators must do first is said: a new secret, a new version of one, a network to make", () => {
  const notes = told((copy) => {
    Object.assign(copy.secrets[0] ?? {}, { name: "wiki_db_password_v2" });
    copy.secrets.push({ key: "api", name: "wiki_api_v1", labels: {}, users: [], generate: { enabled: false } });
    copy.networks.push({
      key: "mail",
      name: "mail",
      external: true,
      driverOpts: {},
      internal: false,
      attachable: false,
      labels: {},
    });
  }).filter(({ severity }) => severity === "warning");
  expect(notes.map(({ subject, note }) => `${subject}: ${note}`)).toEqual([
    "api: abra deploys only once it is there: operators run abra app secret insert first",
    "db_password name: abra deploys only once the new one is there: operators run abra app secret generate first",
    "mail: operators must make it first",
  ]);
});

test.each<[string, string, "error" | undefined]>([
  ["that has its addresses", "10.70.1.0/24", "error"],
  ["that has others", "10.71.0.0/16", undefined],
])("a network of head's stays without addresses beside a dropped one %s", (_, subnet, severity) => {
  const network = (key: string, text: string): NetworkSpec => ({
    key,
    name: `${richApp.namespace}_${key}`,
    external: false,
    driverOpts: {},
    internal: false,
    attachable: false,
    labels: {},
    ipam: { subnets: [text] },
  });
  const withNetwork = (one: NetworkSpec) => ({ ...richApp, networks: [...richApp.networks, one] });
  const changes = diffApps(withNetwork(network("old", subnet)), withNetwork(network("new", "10.70.0.0/16")));
  const errors = changes.filter((change) => change.severity === "error");
  expect(errors.map((change) => change.severity)).toEqual(severity ? [severity] : []);
  for (const { note } of errors) expect(note).toContain(`leaves network ${richApp.namespace}_old, which has them`);
  // Base's own is left as it is, whatever its subnet.
  const same = diffApps(withNetwork(network("old", subnet)), withNetwork(network("old", "10.70.0.0/16")));
  expect(same.filter((change) => change.severity === "error")).toEqual([]);
});

test("a backup switched off and a health check taken away are warnings", () => {
  const backup = told((copy) => Object.assign(service(copy, "app").labels, { "backupbot.backup": "false" }));
  expect(backup).toMatchObject([{ severity: "warning", note: "the app is no longer backed up" }]);
  const health = told((copy) => Object.assign(service(copy, "app"), { healthcheck: { test: ["NONE"] } }));
  expect(health.filter(({ severity }) => severity === "warning")).toMatchObject([{ subject: "app test" }]);
});

test("a changed secret is reported without its value, and so is one inside an address or a command", () => {
  const changes = told((copy) => {
    Object.assign(service(copy, "app").env, {
      SMTP_PASSWORD: "correct-horse",
      DATABASE: "mysql://wiki:battery@db/wiki",
      DB_PASSWORD_FILE: "/run/secrets/db_password_2",
    });
    service(copy, "app").labels["traefik.http.middlewares.w.basicauth.users"] = "admin:$apr1$staple";
    service(copy, "app").args = ["serve", "--admin-password=squeamish"];
  });
  expect(JSON.stringify(changes)).not.toMatch(/correct-horse|battery|staple|squeamish|hunter22/);
  expect(changes.find(({ subject }) => subject === "app SMTP_PASSWORD")).toMatchObject({
    before: HIDDEN,
    after: HIDDEN,
  });
  expect(changes.find(({ subject }) => subject === "app DATABASE")?.after).toBe(`mysql://wiki:${HIDDEN}@db/wiki`);
  expect(changes.find(({ subject }) => subject === "app DB_PASSWORD_FILE")?.after).toBe("/run/secrets/db_password_2");
});

test("the difference of a config's text tells which lines changed, and hides what is secret in them", () => {
  const text = (password: string, key: string) =>
    `[db]\nhost = db\npassword = ${password}\n\n[tls]\n-----BEGIN PRIVATE KEY-----\n${key}\nxyz\n-----END PRIVATE KEY-----\n`;
  const versions = [text("hunter8", "MIIa"), text("hunter9", "MIIb")].map((data) =>
    changedApp((copy) => Object.assign(config(copy), { data: encoded(data) })),
  ) as [AppSpec, AppSpec];
  const [change] = diffApps(...versions);
  expect(change?.diff).toBe(
    [
      "@@ -1,9 +1,9 @@",
      " [db]",
      " host = db",
      `-password = ${HIDDEN}`,
      `+password = ${HIDDEN}`,
      " ",
      " [tls]",
      ` ${HIDDEN}`,
      `-${HIDDEN}`,
      `+${HIDDEN}`,
      ` ${HIDDEN}`,
      ` ${HIDDEN}`,
    ].join("\n"),
  );
});

test("a config under another key is told by its name: new content and a new template driver are errors", () => {
  const renamed = (change: Partial<ConfigSpec>) =>
    told((copy) => Object.assign(config(copy), { key: "other", ...change })).filter(
      ({ severity, kind }) => severity === "error" && kind === "added",
    );
  expect(renamed({})).toEqual([]);
  expect(renamed({ data: encoded("other") })).toMatchObject([
    { subject: "other", note: expect.stringContaining("new content") },
  ]);
  expect(renamed({ templateDriver: undefined })).toMatchObject([
    { subject: "other", note: expect.stringContaining("template driver") },
  ]);
});

test("a unified diff is what it was made from, patched back", () => {
  const text = fc.array(fc.constantFrom("a\n", "b\n", "a\r\n", "\n"), { maxLength: 30 }).map((lines) => lines.join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, unifiedDiff(before, after) ?? "")).toBe(after);
    }),
  );
});

/** Applies a unified diff of texts that end in a line break. */
function patched(before: string, diff: string): string {
  const old = before.split("\n").slice(0, -1);
  const output: string[] = [];
  let next = 0;
  for (const line of diff.split("\n")) {
    const heading = /^@@ -(\d+),(\d+) /.exec(line);
    if (heading) {
      const start = Number(heading[1]) - (heading[2] === "0" ? 0 : 1);
      output.push(...old.slice(next, start));
      next = start;
    } else if (line.startsWith("+")) output.push(line.slice(1));
    else if (line.startsWith("-") || line.startsWith(" ")) {
      expect(old[next]).toBe(line.slice(1));
      if (line.startsWith(" ")) output.push(line.slice(1));
      next++;
    }
  }
  return [...output, ...old.slice(next)].map((line) => `${line}\n`).join("");
}

test("a diff keeps to its bounds, and says what it leaves out", () => {
  const numbered = (count: number, word: string) =>
    Array.from({ length: count }, (_, index) => `${word}${index}\n`).join("");
  expect(unifiedDiff(numbered(1001, "a"), numbered(1000, "b"))).toBeUndefined();
  expect(unifiedDiff(numbered(19_000, "a"), `${numbered(19_000, "a")}b\n`)).toMatch(/^@@ -18998,3 \+18998,4 @@\n/);
  expect(unifiedDiff(numbered(20_001, "a"), `${numbered(20_001, "a")}b\n`)).toBeUndefined();
  const long = unifiedDiff(numbered(1000, "a"), numbered(1000, "b"))?.split("\n") ?? [];
  expect(long).toHaveLength(401);
  expect(long.at(-1)).toBe("... 1601 more lines");
  expect(unifiedDiff("", "x".repeat(1000))).toBe(
    `@@ -0,0 +1,1 @@\n+${"x".repeat(499)}... (1001 characters)\n\\ No newline at end of file`,
  );
  expect(unifiedDiff("a", "a\n")).toBe("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namesElsewhere, runNames } from "../../compose/env/stack-name.ts";
import { withFlatHosts } from "../../compose/labels/flat-hosts.ts";
import { sharedLookups, sharedRouters } from "../../compose/labels/shared-names.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const PROXY = [{ key: "proxy", name: "proxy", aliases: ["app"] }];

describe("the names of runs", () => {
  test("are one label below the base domain, and no two meet: runs, their second apps, what they need", () => {
    const names = fc.tuple(fc.constantFrom("wiki", "custom-html", "n8n"), fc.stringMatching(/^run-[0-9a-f]{6}$/));
    fc.assert(
      fc.property(fc.uniqueArray(names, { selector: String, minLength: 2, maxLength: 6 }), (runs) => {
        const all = runs.flatMap(([recipe, run]) => {
          const own = runNames(recipe, run, "apps.example.org");
          return [own, namesElsewhere(own)];
        });
        for (const key of ["domain", "namespace"] as const) {
          expect(new Set(all.map((one) => one[key])).size).toBe(all.length);
        }
        for (const { domain } of all) expect(domain).toMatch(/^[a-z0-9-]{1,63}\.apps\.example\.org$/);
      }),
    );
  });
});

describe("hosts below an app's own domain", () => {
  const rule = "Host(`wiki.ci.test`) || Host(`api.office.wiki.ci.test`, `office.wiki.ci.test`, `wiki.example.org`)";
  const app = withFlatHosts(
    appSpec({
      services: [
        serviceSpec({ labels: { "traefik.http.routers.wiki.rule": rule, note: "office.wiki.ci.test" } }),
        serviceSpec({
          key: "office",
          env: { URL: "https://office.wiki.ci.test/x", MAIL: "mail.wiki.ci.test", NONE: null },
          args: ["--api=api.office.wiki.ci.test:443", "my-office.wiki.ci.test", "office.wiki.ci.test.org"],
        }),
      ],
    }),
  );

  test("are one label deep where Traefik routes them, wherever services are told them", () => {
    expect(app.services[0]?.labels).toEqual({
      "traefik.http.routers.wiki.rule":
        "Host(`wiki.ci.test`) || Host(`api-office-wiki.ci.test`, `office-wiki.ci.test`, `wiki.example.org`)",
      note: "office-wiki.ci.test",
    });
    expect(app.services[1]).toMatchObject({
      env: { URL: "https://office-wiki.ci.test/x", MAIL: "mail.wiki.ci.test", NONE: null },
      args: ["--api=api-office-wiki.ci.test:443", "my-office.wiki.ci.test", "office.wiki.ci.test.org"],
    });
  });

  test("are told", () => {
    expect(app.warnings).toEqual([
      "host api.office.wiki.ci.test is api-office-wiki.ci.test in a run: the certificate covers one label",
      "host office.wiki.ci.test is office-wiki.ci.test in a run: the certificate covers one label",
    ]);
  });

  test.each([
    [
      "an app without any",
      appSpec({ services: [serviceSpec({ labels: { "traefik.http.routers.a.rule": "Host(`wiki.ci.test`)" } })] }),
    ],
    [
      "one without a domain",
      appSpec({ domain: undefined, services: [serviceSpec({ labels: { "traefik.http.routers.a.rule": rule } })] }),
    ],
  ])("leave %s as it is", (_what, one) => {
    expect(withFlatHosts(one)).toBe(one);
  });
});

describe("names that other apps have in proxy too", () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ["in a URL", { URL: "http://app:3000/x" }, "environment URL"],
    ["in a URL with a password", { URL: "http://me:secret@app/" }, "environment URL"],
    ["with a port", { A: "x", B: "app:80" }, "environment B"],
    ["alone, where a host is meant", { BACKEND_HOST: "app" }, "environment BACKEND_HOST"],
    ["alone, where anything may be meant", { NAME: "app" }, undefined],
    ["as a part of another", { A: "http://my-app:80 app.example.org:80 http://apps/" }, undefined],
    ["behind the namespace", { A: "http://wiki_ci_test_app:80" }, undefined],
  ])("are looked up %s: %j", (_what, env, where) => {
    const front = serviceSpec({ key: "front", networks: PROXY, env });
    const found = sharedLookups(appSpec({ services: [serviceSpec(), front] }));
    expect(found).toEqual(where ? [{ service: "front", name: "app", where, common: true }] : []);
  });

  test("are no matter to who is not in proxy, and no service of the app needs to have them", () => {
    const env = { URL: "http://app:3000", API: "http://api:1000" };
    expect(sharedLookups(appSpec({ services: [serviceSpec(), serviceSpec({ key: "back", env })] }))).toEqual([]);
    const front = serviceSpec({ key: "front", networks: PROXY, args: ["http://api:1000"] });
    expect(sharedLookups(appSpec({ services: [front] }))).toEqual([]);
    const api = serviceSpec({ key: "api" });
    expect(sharedLookups(appSpec({ services: [front, api] }))).toMatchObject([{ where: "command", common: false }]);
  });

  test("are those of routers that hold nothing of the app's", () => {
    const labels = {
      "traefik.http.routers.wiki_ci_test-x.rule": "",
      "traefik.http.routers.site.rule": "",
      "traefik.http.routers.site.tls": "",
      "traefik.tcp.services.ssh.loadbalancer.server.port": "22",
    };
    const app = appSpec({ services: [serviceSpec({ labels })] });
    expect(sharedRouters(app, app.namespace)).toEqual(["router site", "service ssh"]);
  });
});

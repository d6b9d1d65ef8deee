import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openPorts } from "../../components/hetzner-firewall.ts";
import { describe as explain } from "../../lib/errors.ts";
import { newAuthority, wildcardCertificate } from "../../nodes/authority.ts";
import { cacheOf, parseWorkers } from "../../nodes/local/program.ts";
import { baseDomain, baseDomainOf, entryPoints } from "../../nodes/platform-settings.ts";

function refusal(act: () => unknown): string {
  try {
    act();
    return "";
  } catch (error) {
    return explain(error);
  }
}

test.each(["one", "-1", "33", "1.5", ""])("a local node can't have %j workers", (text) => {
  expect([parseWorkers("0"), parseWorkers("32")]).toEqual([0, 32]);
  expect(refusal(() => parseWorkers(text))).toContain(`recipe-ci:workers: "${text}" is no number of workers`);
});

test("a local node's cache asks Docker Hub, or the registry that is named; without one nothing would ask it", () => {
  expect(cacheOf(true, undefined)).toBe("https://registry-1.docker.io");
  expect(cacheOf(true, "https://mirror.example.org")).toBe("https://mirror.example.org");
  expect(cacheOf(false, undefined)).toBeUndefined();
  expect(refusal(() => cacheOf(false, "https://mirror.example.org"))).toMatch(/^recipe-ci:mirror: .*switched off/);
});

describe("the settings of a node's Traefik", () => {
  test("name the base domain, and ports beside 80 and 443", () => {
    expect([baseDomain(), baseDomain("apps.example.org")]).toEqual(["ci.test", "apps.example.org"]);
    expect(entryPoints()).toEqual([]);
    expect(entryPoints("gitea-ssh=2222, voice=64738/udp,voice-tcp=64738/tcp")).toEqual([
      { name: "gitea-ssh", port: 2222, protocol: "tcp" },
      { name: "voice", port: 64738, protocol: "udp" },
      { name: "voice-tcp", port: 64738, protocol: "tcp" },
    ]);
  });

  test("take the names that a zone at Hetzner leads to the node, unless they say others", () => {
    const zone = "example.org";
    expect([
      baseDomainOf("CI.test", { node: "hetzner", zone }),
      baseDomainOf("ci", { node: "hetzner", zone, baseDomain: "apps.test" }),
      baseDomainOf("ci", { node: "hetzner" }),
      baseDomainOf("local", { zone }),
    ]).toEqual(["ci-test.example.org", "apps.test", "ci.test", "ci.test"]);
  });

  test("open their ports in the firewall at Hetzner, beside those of ssh and the web", () => {
    const rules = openPorts(["198.51.100.7/32"], entryPoints("gitea-ssh=2222, voice=64738/udp"));
    expect(rules.map(({ protocol, port, sourceIps }) => [protocol, port, sourceIps])).toEqual([
      ["tcp", "22", ["198.51.100.7/32"]],
      ...[
        ["tcp", "80"],
        ["tcp", "443"],
        ["tcp", "2222"],
        ["udp", "64738"],
      ].map((one) => [...one, ["0.0.0.0/0", "::/0"]]),
    ]);
  });

  test.each(["", "test", "-a.test", "a..test", "A.test", "*.ci.test", "ci.test.", `${"a".repeat(40)}.test`])(
    "can't have %j as base domain",
    (text) => expect(refusal(() => baseDomain(text))).toMatch(/recipe-ci:baseDomain: .*can't be what names of runs/),
  );

  test.each([
    ["ssh", /"ssh" is no entry point/],
    ["ssh=0", /"ssh=0" is no entry point/],
    ["ssh=65536", /no entry point/],
    ["ssh=22/sctp", /no entry point/],
    ["web=81", /an entry point web already/],
    ["a=1,a=2", /an entry point a already/],
    ["a=443", /port 443\/tcp is another/],
    ["a=1,b=1", /port 1\/tcp is another/],
  ])("can't have %j as ports", (text, said) => expect(refusal(() => entryPoints(text))).toMatch(said));
});

describe("a node's certificate", () => {
  test("is its own authority's, for names one label below the base domain and for that itself", async () => {
    const authority = await newAuthority("one node");
    const { certificate, key } = await wildcardCertificate(authority, "ci.test");
    const [leaf, ca] = certificate.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem));
    const root = new X509Certificate(authority.certificate);
    expect(ca?.fingerprint256).toBe(root.fingerprint256);
    expect([root.ca, leaf?.ca]).toEqual([true, false]);
    expect(leaf?.checkIssued(root)).toBe(true);
    expect(leaf?.verify(root.publicKey)).toBe(true);
    expect(leaf?.checkPrivateKey(createPrivateKey(key))).toBe(true);
    const held = (name: string) => leaf?.checkHost(name) !== undefined;
    expect(["ci.test", "wiki.ci.test", "a.b.ci.test", "test", "wiki.example.org"].map(held)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const days = (new Date(leaf?.validTo ?? "").getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(3650);
  });

  test("is another's in another node", async () => {
    const [one, other] = [await newAuthority("a"), await newAuthority("a")];
    const { certificate } = await wildcardCertificate(one, "ci.test");
    expect(new X509Certificate(certificate).verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
  });
});

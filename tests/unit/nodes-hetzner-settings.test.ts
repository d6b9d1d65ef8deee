import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { describe as explain } from "../../lib/errors.ts";
import { hetznerSettings } from "../../nodes/hetzner/settings.ts";

const TOKEN = "t".repeat(64);
const BROKEN = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----";

function settings(config: Record<string, string>, env: NodeJS.ProcessEnv = {}) {
  return hetznerSettings({ get: (key) => config[key] }, env);
}

async function refusal(config: Record<string, string>): Promise<string> {
  return settings({ token: TOKEN, ...config }).then(() => "", explain);
}

describe("the settings of a node at Hetzner", () => {
  it("need nothing but a token", async () => {
    expect(await settings({ token: TOKEN })).toEqual({
      token: TOKEN,
      endpoint: "https://api.hetzner.cloud/v1",
      locations: ["nbg1", "fsn1", "hel1"],
      serverTypes: ["cx33", "cpx32", "cx43"],
      image: "debian-13",
      docker: "official",
      workers: 0,
      zone: undefined,
      acme: undefined,
      sshFrom: ["0.0.0.0/0", "::/0"],
      ttlHours: undefined,
      protect: false,
      volumeGB: undefined,
      network: "10.0.0.0/16",
      mirror: undefined,
      cache: false,
    });
  });

  it("have the token of the environment where the stack has none", async () => {
    const env = { HCLOUD_TOKEN: "e".repeat(64) };
    expect((await settings({}, env)).token).toBe(env.HCLOUD_TOKEN);
    expect((await settings({ token: TOKEN }, env)).token).toBe(TOKEN);
  });

  it("say what was chosen", async () => {
    const config = {
      ...{ locations: "hel1", serverTypes: "cax21,cax31", image: "debian-13", docker: "debian", workers: "2" },
      ...{ zone: "example.org", sshFrom: "198.51.100.7/32, 2001:db8::/48", ttl: "7 d", protect: "true" },
      ...{ volume: "100", network: "192.168.7.0/24", mirror: "https://mirror.example.org/", cache: "true" },
    };
    expect(await settings({ token: TOKEN, ...config })).toMatchObject({
      serverTypes: ["cax21", "cax31"],
      docker: "debian",
      workers: 2,
      sshFrom: ["198.51.100.7/32", "2001:db8::/48"],
      ttlHours: 168,
      protect: true,
      volumeGB: 100,
      network: "192.168.7.0/24",
      mirror: "https://mirror.example.org",
      cache: true,
    });
    expect((await settings({ token: TOKEN, ttl: "12h" })).ttlHours).toBe(12);
    expect((await settings({ token: TOKEN, endpoint: "http://127.0.0.1:80/v1/" })).endpoint).toBe(
      "http://127.0.0.1:80/v1",
    );
  });

  it.each([
    [{ locations: "fsn1; nbg1" }, /^recipe-ci:locations: "fsn1; nbg1" can't be a name\n {2}remedy: /],
    [{ locations: "fsn1,fsn1" }, /fsn1 is there twice/],
    [{ serverTypes: "" }, /^recipe-ci:serverTypes: "" can't be a name/],
    [{ docker: "debain" }, /there is no docker "debain"\n {2}remedy: did you mean debian\?/],
    [{ docker: "debian", image: "ubuntu-24.04" }, /Debian's Docker needs the image debian-13/],
    [{ endpoint: "api.hetzner.cloud" }, /^recipe-ci:endpoint: "api.hetzner.cloud" is no address of an API/],
    [{ endpoint: "ftp://api" }, /is no address of an API/],
    [{ workers: "10" }, /"10" is no number from 0 to 9/],
    [{ workers: "-1" }, /"-1" is no number/],
    [{ workers: "1.5" }, /"1.5" is no number/],
    [{ zone: "Example.org" }, /^recipe-ci:zone: "Example.org" is no domain/],
    [{ zone: "example.org." }, /is no domain/],
    [{ sshFrom: "198.51.100.7" }, /"198.51.100.7" is no network/],
    [{ sshFrom: Array.from({ length: 101 }, (_, n) => `10.0.0.${n}/32`).join() }, /has more than 100 networks/],
    [{ ttl: "1 week" }, /^recipe-ci:ttl: "1 week" is no time\n {2}remedy: give hours or days/],
    [{ ttl: "0 h" }, /is no time/],
    [{ protect: "yes" }, /there is no protect "yes"/],
    [{ mirror: "mirror.example.org" }, /"mirror.example.org" is no address of a registry/],
    [{ mirror: "https://mirror.example.org/hub" }, /is no address of a registry\n {2}remedy: give one without a path/],
    [{ mirror: "https://ci:secret@mirror.example.org" }, /is no address of a registry/],
    [{ volume: "5" }, /"5" is no number from 10 to 10240/],
    [{ network: "8.8.0.0/16" }, /8.8.0.0\/16 is not private/],
    [{ network: "10.0.0.0/8" }, /is no such network/],
    [{ network: "10.0.0.0/28" }, /is no such network/],
    [{ network: "172.20.0.0/16" }, /where Docker's bridges are: 172.16.0.0\/12/],
    [{ network: "10.200.0.0/16" }, /where Swarm's overlay networks are: 10.128.0.0\/9/],
  ])("refuse %j", async (config, said) => {
    expect(await refusal(config)).toMatch(said);
  });

  it.each(["", "short", `${TOKEN}x`, `${TOKEN.slice(1)}-`])("refuse the token %j without saying it", async (token) => {
    const said = await refusal({ token });
    expect(said).toMatch(/^recipe-ci:token: is /);
    if (token) expect(said).not.toContain(token);
  });

  it("are refused for all their mistakes at once", async () => {
    const said = await refusal({ token: "x", workers: "many", ttl: "soon", zone: "-" });
    expect(said.match(/^recipe-ci:\w+/gm)).toEqual(
      ["token", "workers", "zone", "ttl"].map((key) => `recipe-ci:${key}`),
    );
  });

  describe("say who gives the certificate", () => {
    const zone = "example.org";
    const acmeOf = async (config: Record<string, string>) => (await settings({ token: TOKEN, zone, ...config })).acme;

    it("by a word for Let's Encrypt's, or a directory's address", async () => {
      expect(await acmeOf({})).toBeUndefined();
      const directory = "https://acme-v02.api.letsencrypt.org/directory";
      expect(await acmeOf({ acme: "production" })).toEqual({ directory, email: undefined, authorities: "" });
      const own = "https://acme.example.org:14000/dir";
      const authorities = rootCertificates[0] ?? "";
      const config = { acme: own, acmeEmail: "ops@example.org", acmeAuthorities: authorities };
      expect(await acmeOf(config)).toEqual({ directory: own, email: "ops@example.org", authorities });
      expect((await acmeOf({ acme: "staging", baseDomain: "ci.example.org" }))?.directory).toMatch(/staging/);
    });

    it.each<[string, Record<string, string>, RegExp]>([
      ["a word that stands for none", { acme: "live" }, /acme: "live" is no directory.*\n.*staging or production/],
      ["a directory without TLS", { acme: "http://acme.example.org/dir" }, /is no directory/],
      ["no zone", { acme: "staging", zone: "" }, /acme: needs a zone/],
      ["names elsewhere", { acme: "staging", baseDomain: "ci.example.com" }, /no record of example\.org shows/],
      ["names that only look alike", { acme: "staging", baseDomain: "ci.anexample.org" }, /no record of example\.org/],
      ["no address", { acme: "staging", acmeEmail: "ops" }, /acmeEmail: "ops" is no address/],
      ["no PEM", { acme: "staging", acmeAuthorities: "root.pem" }, /acmeAuthorities: holds no certificate/],
      ["a broken one", { acme: "staging", acmeAuthorities: BROKEN }, /acmeAuthorities: holds no certificate/],
      ["an address alone", { acmeEmail: "ops@example.org" }, /acmeEmail: says something of no certificate/],
    ])("never by %s", async (_, { zone: own = zone, ...config }, says) => {
      expect(await refusal({ ...(own && { zone: own }), ...config })).toMatch(says);
    });
  });
});

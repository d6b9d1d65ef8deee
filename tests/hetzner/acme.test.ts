import { spawn } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../lib/present.ts";
import { projectPath } from "../../lib/project.ts";
import type { CertificateOrder, IssuedCertificate } from "../../nodes/acme/issue.ts";
import { certificatesIn } from "../../nodes/acme/root-of.ts";
import { newAccountKey } from "../../nodes/hetzner/certificate.ts";
import { ask, TOKEN } from "./api-client.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";
import { type NameServer, startNameServer } from "./name-server.ts";
import { type Pebble, startPebble } from "./pebble.ts";

const DOMAIN = "ci.example.org";
const CHALLENGE = "_acme-challenge.ci";
const LABELS = { "managed-by": "recipe-ci", node: "1a2b3c4d" };

let started: AsyncDisposableStack;
let emulator: Emulator;
let project: Project;
let names: NameServer;
let pebble: Pebble;
let accountKey: string;

beforeAll(async () => {
  started = new AsyncDisposableStack();
  emulator = started.use(await Emulator.start(recordingMachines().machines));
  project = emulator.addProject(TOKEN);
  await ask(emulator, "POST /zones", { name: "example.org", mode: "primary" });
  names = started.use(await startNameServer(project));
  pebble = started.use(await startPebble(names.address));
  accountKey = newAccountKey();
});

afterAll(() => started.disposeAsync());

/** The step as the stack's command starts it. */
async function issued(order: Partial<CertificateOrder> = {}) {
  changes();
  const { directory, authorities } = pebble;
  const whole: CertificateOrder = { directory, authorities, accountKey, domain: DOMAIN, ...order };
  const argv = ["--zone=example.org", `--endpoint=${emulator.endpoint}`, "certificate issued"];
  const child = spawn(process.execPath, [projectPath("nodes/hetzner/main.ts"), ...argv], {
    env: { ...process.env, HCLOUD_TOKEN: TOKEN },
  });
  child.stdin.end(JSON.stringify({ order: whole, labels: LABELS }));
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, stdout, stderr, changes: changes() };
}

/** What was done to the record set of the challenge since it was asked last. */
function changes(): string[] {
  const all = emulator.requests.splice(0);
  return all.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}

/** Without what its certificates lead to. */
const tlsAlone = () => certificatesIn(pebble.authorities)[0]?.toString() ?? "";
const textsLeft = () => project.zones.all()[0]?.rrsets.filter(({ type }) => type === "TXT") ?? [];

describe("a certificate by ACME", () => {
  it("is for the base domain and all below it, leads to an authority that is known, and leaves no record", async () => {
    // Of one that was killed.
    const killed = { name: CHALLENGE, type: "TXT", records: [{ value: '"of old"' }], labels: LABELS };
    expect((await ask(emulator, "POST /zones/example.org/rrsets", killed)).status).toBe(201);
    const { code, stdout, stderr, changes: done } = await issued({ email: "ops@example.org" });
    expect(code, stderr).toBe(0);
    const one = JSON.parse(stdout) as IssuedCertificate;
    const [leaf, ...rest] = certificatesIn(one.certificate);
    expect(leaf?.subjectAltName?.split(", ").sort()).toEqual([`DNS:*.${DOMAIN}`, `DNS:${DOMAIN}`]);
    expect(leaf?.checkHost(`wiki-1a2b3c.${DOMAIN}`)).toBeDefined();
    expect(leaf?.publicKey.equals(createPublicKey(one.key))).toBe(true);
    const [root] = certificatesIn(one.authority);
    const [above = root] = rest;
    expect(
      leaf?.checkIssued(present(above, "its authority")) && leaf.verify(present(above, "its authority").publicKey),
    ).toBe(true);
    expect(certificatesIn(pebble.authorities).at(-1)?.fingerprint256).toBe(root?.fingerprint256);
    expect(Date.parse(one.notAfter)).toBeGreaterThan(Date.now());
    expect(names.asked).toContain(`TXT ${CHALLENGE}.example.org`);
    const gone = `DELETE /zones/example.org/rrsets/${CHALLENGE}/TXT`;
    expect(done).toEqual([gone, "POST /zones/example.org/rrsets", gone]);
    expect(textsLeft()).toEqual([]);
    expect(stderr).not.toMatch(/PRIVATE KEY|t{64}/);
  });

  it("is asked for three times where the world does not see the record, and said to be the authority's own refusal", async () => {
    names.behind = true;
    const { code, stderr, changes: done } = await issued({ domain: "behind.example.org" });
    names.behind = false;
    expect([code, done.filter((line) => line.startsWith("POST")).length]).toEqual([3, 3]);
    expect(stderr).toMatch(/error: no certificate of https:\/\/localhost:\d+\/dir: .*TXT/);
    expect(textsLeft()).toEqual([]);
  });

  it.each<[string, () => Partial<CertificateOrder>, number, RegExp]>([
    [
      "a directory whose TLS nobody knows",
      () => ({ authorities: "" }),
      3,
      /dir: (?:self-signed|unable to verify).* certificate/,
    ],
    ["an authority that nobody knows", () => ({ authorities: tlsAlone() }), 2, /acmeAuthorities: nobody here knows/],
    [
      "a name that the authority refuses",
      () => ({ domain: "no_name.example.org" }),
      3,
      /dir: .*illegal character: '_'/,
    ],
  ])("is none of %s", async (_, order, exit, says) => {
    const { code, stdout, stderr } = await issued(order());
    expect([code, stdout]).toEqual([exit, ""]);
    expect(stderr).toMatch(says);
    expect(textsLeft()).toEqual([]);
  });

  it("leaves no record where Hetzner can't show it", async () => {
    emulator.controls.failNext("create_rrset");
    const { code, stderr } = await issued();
    expect([code, stderr]).toEqual([3, expect.stringContaining("the zone's records: create_rrset failed")]);
    expect(textsLeft()).toEqual([]);
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { withOwnSalt } from "../../pulumi/salt.ts";
import { stackConfig, stackFile } from "../../pulumi/stack-file.ts";

/** As Pulumi made it for the passphrase `x`. */
const SALT = "encryptionsalt: v1:5mELZufzf70=:v1:46DM+Ipdxwsrifz3:C+/D+1EskXp/cSFrTU5xv77jqybXpQ==\n";
const OURS = "encryptionsalt: v1:of-ours:v1:a:b\n";
const CONFIG = "config:\n  recipe-ci:node: existing\n";
const SECRET = "  aws:token:\n    secure: v1:abc:def\n";

const stack = `unit-salt-${process.pid}`;
const file = stackFile(stack);
/** What the project would give the stack. */
const shipped = projectPath(`Pulumi.${stack}.yaml`);
const settings = () => readFileSync(file, "utf8");
/** What Pulumi does to the settings as it works. */
const work = async () => {
  const seen = existsSync(file) ? settings() : "";
  writeFileSync(file, `${OURS}${seen.replace(SALT, "")}`);
  return seen;
};

beforeEach(() => {
  mkdirSync(dirname(file), { recursive: true });
  vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "another than x");
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const one of [file, shipped]) rmSync(one, { force: true });
});

describe("a stack's settings", () => {
  test("lose a salt of another passphrase for as long as the work takes", async () => {
    writeFileSync(file, SALT + CONFIG);
    expect(await withOwnSalt(stack, work)).toBe(CONFIG);
    expect(settings()).toBe(SALT + CONFIG);
  });

  test("get it back where the work fails, too", async () => {
    writeFileSync(file, CONFIG + SALT);
    await expect(withOwnSalt(stack, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(settings()).toContain(SALT);
  });

  test("don't keep ours", async () => {
    writeFileSync(file, CONFIG);
    await withOwnSalt(stack, work);
    expect(settings()).toBe(CONFIG);
  });

  test("keep ours where there are secrets, and give it to the next work", async () => {
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "x");
    writeFileSync(file, SALT + CONFIG + SECRET);
    const seen = await withOwnSalt(stack, async () => settings());
    expect([seen, settings()]).toEqual([SALT + CONFIG + SECRET, SALT + CONFIG + SECRET]);
  });

  test("with secrets of another passphrase are refused before anything is done", async () => {
    writeFileSync(file, SALT + CONFIG + SECRET);
    await expect(withOwnSalt(stack, work)).rejects.toThrow("encrypted with another passphrase");
    expect(settings()).toBe(SALT + CONFIG + SECRET);
  });

  test("that are not there are not made", async () => {
    await withOwnSalt(stack, async () => undefined);
    expect(existsSync(file)).toBe(false);
  });
});

describe("a stack's config", () => {
  test("is empty where nobody says anything", () => expect(stackConfig(stack)).toEqual({}));

  test("is the one the project ships, where its settings don't say otherwise", () => {
    writeFileSync(shipped, "config:\n  recipe-ci:node: hetzner\n  recipe-ci:memory: 1024\n");
    writeFileSync(file, CONFIG);
    expect(stackConfig(stack)).toEqual({ node: "existing", memory: "1024" });
  });

  test("of stack ci is a node in the cloud", () => expect(stackConfig("ci").node).toBe("hetzner"));

  test("is the stack's own first; secrets and other namespaces are no part of it", () => {
    writeFileSync(file, `${CONFIG}  recipe-ci:memory: 4096\n  recipe-ci:list: [1]\n${SECRET}  aws:region: here\n`);
    expect(stackConfig(stack)).toEqual({ node: "existing", memory: "4096" });
  });

  test("that is no YAML is told with its file", () => {
    writeFileSync(file, "config: [");
    expect(() => stackConfig(stack)).toThrow("can't be read");
  });
});

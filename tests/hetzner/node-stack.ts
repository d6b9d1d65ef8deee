import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parse, stringify } from "yaml";
import type { ExecResult } from "../../lib/exec.ts";
import { stackFile } from "../../pulumi/stack-file.ts";
import { recipeCi } from "../live/cli.ts";
import type { Emulator } from "./emulator/emulator.ts";

/** What a command said; throws with it unless it succeeded. */
export function succeeded({ code, stdout, stderr }: ExecResult): string {
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

/** The stack of a node at the look-alike, by the command line that a user has. Dispose of it after use. */
export class NodeStack {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Without settings yet: see {@link settle}. */
  static async create(name: string): Promise<NodeStack> {
    const stack = new NodeStack(name);
    // Of a test that was killed: its secrets are of a passphrase that went with its home.
    await rm(stackFile(name), { force: true });
    succeeded(await recipeCi("pulumi", "stack", "init", name, "--no-select"));
    return stack;
  }

  /**
   * Forgets all settings that it has for where the look-alike is and these.
   *
   * @param settings beside those. The token is HCLOUD_TOKEN.
   */
  async settle({ endpoint }: Emulator, settings: Record<string, string> = {}): Promise<void> {
    await rm(stackFile(this.name), { force: true });
    const all = { node: "hetzner", docker: "debian", endpoint, ...settings };
    for (const [key, value] of Object.entries(all)) await this.set(key, value);
  }

  /** Into the file that `config set` would write, which is two programs to start for each setting. */
  async set(key: string, value: string): Promise<void> {
    const file = stackFile(this.name);
    await mkdir(dirname(file), { recursive: true });
    const { config, ...rest } = parse(await readFile(file, "utf8").catch(() => "")) ?? {};
    await writeFile(file, stringify({ ...rest, config: { ...config, [`recipe-ci:${key}`]: value } }));
  }

  async setSecret(key: string, value: string): Promise<void> {
    succeeded(await this.#pulumi("config", "set", "--secret", key, value));
  }

  up(...args: string[]): Promise<ExecResult> {
    return this.#pulumi("up", "--yes", "--skip-preview", ...args);
  }

  preview(...args: string[]): Promise<ExecResult> {
    return this.#pulumi("preview", ...args);
  }

  destroy(): Promise<ExecResult> {
    return this.#pulumi("destroy", "--yes", "--skip-preview");
  }

  /** The state as it is stored: secrets encrypted. */
  async state(): Promise<string> {
    return succeeded(await this.#pulumi("stack", "export"));
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.#pulumi("stack", "output", "--json")).stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(stackFile(this.name), { force: true });
  }

  #pulumi(...args: string[]): Promise<ExecResult> {
    return recipeCi("pulumi", ...args, "-s", this.name, "--non-interactive", "--color", "never");
  }
}

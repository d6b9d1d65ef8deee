import { rm } from "node:fs/promises";
import { stackFile } from "../../engine/stack-file.ts";
import type { ExecResult } from "../../lib/exec.ts";
import { recipeCi } from "../live/cli.ts";
import type { Emulator } from "./emulator/emulator.ts";

/** The stack of a node at the look-alike, by the command line that a user has. Dispose of it after use. */
export class NodeStack {
  readonly name: string;
  readonly #config: string[];

  /** @param settings of the stack, beside what says where the look-alike is */
  constructor({ endpoint }: Emulator, name: string, settings: Record<string, string> = {}) {
    this.name = name;
    const all = { node: "hetzner", docker: "debian", endpoint, ...settings };
    this.#config = Object.entries(all).flatMap(([key, value]) => ["-c", `recipe-ci:${key}=${value}`]);
  }

  up(...args: string[]): Promise<ExecResult> {
    return this.#pulumi("up", ["--yes", "--skip-preview", ...this.#config, ...args]);
  }

  preview(...args: string[]): Promise<ExecResult> {
    return this.#pulumi("preview", [...this.#config, ...args]);
  }

  destroy(): Promise<ExecResult> {
    return this.#pulumi("destroy", ["--yes", "--skip-preview"]);
  }

  /** Makes the stack, where the project does not ship it. */
  init(): Promise<ExecResult> {
    return recipeCi("pulumi", "stack", "init", this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(stackFile(this.name), { force: true });
  }

  #pulumi(command: string, args: string[]): Promise<ExecResult> {
    return recipeCi("pulumi", command, "-s", this.name, "--non-interactive", "--color", "never", ...args);
  }
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ExecResult, run } from "../../lib/exec.ts";
import { allPids } from "../../lib/processes.ts";
import { projectPath } from "../../lib/project.ts";
import { backendEnv } from "../../pulumi/backend.ts";
import { ensurePulumi, type Pulumi } from "../../pulumi/locate.ts";
import { stackFile } from "../../pulumi/stack-file.ts";

/** Environment variable by which the processes of a stack's commands are known. */
const MARK = "RECIPE_CI_TEST_STACK";
const QUIET = ["--non-interactive", "--color", "never"];

/** `pulumi` as a person types it in a checkout, with one stack. */
export class TypedPulumi {
  readonly stack: string;
  readonly #built: Pulumi;
  readonly #checkout: string;

  private constructor(stack: string, built: Pulumi, checkout: string) {
    this.stack = stack;
    this.#built = built;
    this.#checkout = checkout;
  }

  /** Makes the stack, with settings such as `recipe`. `checkout`: default this one. */
  static async init(
    stack: string,
    config: Record<string, string> = {},
    checkout = projectPath(),
  ): Promise<TypedPulumi> {
    const pulumi = new TypedPulumi(stack, await ensurePulumi({ onProgress: () => undefined }), checkout);
    await pulumi.succeed("stack", "init", stack, "--no-select");
    const settings = Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    if (settings.length) await pulumi.succeed("config", "set-all", ...settings, "-s", stack);
    return pulumi;
  }

  type(...args: string[]): Promise<ExecResult> {
    return run([this.#program, ...args, ...QUIET], { cwd: this.#checkout, env: this.#env });
  }

  up(...args: string[]): Promise<ExecResult> {
    return this.type("up", "-s", this.stack, "--yes", "--skip-preview", ...args);
  }

  destroy(): Promise<ExecResult> {
    return this.type("destroy", "-s", this.stack, "--yes", "--skip-preview");
  }

  /** An `up` that must succeed; gives what was said. */
  upWell(...args: string[]): Promise<string> {
    return this.succeed("up", "-s", this.stack, "--yes", "--skip-preview", ...args);
  }

  /** Destroys the stack, whatever became of it, and takes away all that names it. */
  async end(): Promise<void> {
    await this.destroy();
    await this.forget();
  }

  /** Takes away all that names the stack; what it made stays. */
  async forget(): Promise<void> {
    await this.type("stack", "rm", this.stack, "--yes", "--force");
    await rm(stackFile(this.stack), { force: true });
  }

  /** Throws what was said unless it succeeds. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.type(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  /** Kills `up` at a moment, unless it ends before: pulumi itself, as the kernel's out-of-memory killer does. */
  async killedUp(moment: () => Promise<unknown>): Promise<{ ended: boolean }> {
    const args = ["up", "-s", this.stack, "--yes", "--skip-preview", ...QUIET];
    const child = spawn(this.#program, args, { cwd: this.#checkout, env: this.#env, stdio: "ignore" });
    const exit = once(child, "exit");
    const ended = await Promise.race([exit.then(() => true), moment().then(() => false)]);
    child.kill("SIGKILL");
    await exit;
    return { ended };
  }

  /** Pids of all that this stack's commands started, however deep, and that runs yet. */
  async processes(): Promise<number[]> {
    const mark = `${MARK}=${this.stack}`;
    const found = await Promise.all(
      (await allPids()).map(async (pid) => ((await environment(pid)).includes(mark) ? [pid] : [])),
    );
    return found.flat();
  }

  get #program(): string {
    return join(this.#built.root, "bin", "pulumi");
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, ...backendEnv(), ...this.#built.env, RECIPE_CI_ROOT: this.#checkout, [MARK]: this.stack };
  }
}

// A process may end between the listing and the look.
async function environment(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0");
}

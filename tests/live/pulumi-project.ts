import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ExecOptions, type ExecResult, run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { until } from "../../lib/until.ts";
import { ensurePulumi, type Pulumi } from "../../pulumi/locate.ts";

/** A CLI that runs, and the processes under it that are to end with it. */
export interface Running {
  cli: ChildProcess;
  closed: Promise<[number | null]>;
  pids: number[];
  text(): string;
}

/** What of a state the engine keeps for one resource, by its logical name. */
export function resourceIn(state: string, name: string): { id: string; inputs: object; outputs: object } {
  const { deployment } = JSON.parse(state);
  return deployment.resources.find((entry: { urn: string }) => entry.urn.endsWith(`::${name}`));
}

/** Waits until none of the processes runs any more. */
export async function gone(pids: number[]): Promise<void> {
  await until(
    async () => {
      const alive = pids.filter(isRunning);
      return alive.length ? { done: false, reason: `running: ${alive}` } : { done: true, value: undefined };
    },
    { what: "the end of all processes", deadline: "30 s" },
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A Pulumi project in a folder of its own, with its own state, run by the real CLI. Dispose of it after use. */
export class TestProject {
  readonly directory: string;
  readonly built: Pulumi;

  private constructor(directory: string, built: Pulumi) {
    this.directory = directory;
    this.built = built;
  }

  /** Makes the project with a stack `dev`. `options`: the runtime options in Pulumi.yaml. */
  static async create(program: string, options = "{ typescript: false }"): Promise<TestProject> {
    const built = await ensurePulumi({ onProgress: () => undefined });
    const directory = await mkdtemp(join(tmpdir(), "recipe-ci-engine-"));
    await mkdir(join(directory, "state"));
    await symlink(projectPath("node_modules"), join(directory, "node_modules"));
    await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
    const project = new TestProject(directory, built);
    await project.write(program, options);
    await project.succeed("stack", "init", "dev");
    return project;
  }

  /** Replaces the program, and with it the runtime options. */
  async write(program: string, options = "{ typescript: false }"): Promise<void> {
    await writeFile(join(this.directory, "index.ts"), program);
    await writeFile(
      join(this.directory, "Pulumi.yaml"),
      `name: engine-test\nmain: index.ts\nruntime: { name: nodejs, options: ${options} }\n`,
    );
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PULUMI_BACKEND_URL: pathToFileURL(join(this.directory, "state")).href,
      PULUMI_CONFIG_PASSPHRASE: "test",
      ...this.built.env,
    };
  }

  /** The command line of the CLI for `spawn`. */
  argv(...args: string[]): [string, ...string[]] {
    return [join(this.built.root, "bin", "pulumi"), "--non-interactive", "--color", "never", ...args];
  }

  pulumi(args: string[], options: ExecOptions = {}): Promise<ExecResult> {
    return run(this.argv(...args), { cwd: this.directory, env: this.env, ...options });
  }

  /** Starts `up` and waits until the program or a command has written `file`, a JSON list of process numbers. */
  async startUp(file: string): Promise<Running> {
    const [command, ...args] = this.argv("up", "--yes", "--skip-preview");
    const cli = spawn(command, args, { cwd: this.directory, env: this.env });
    let text = "";
    for (const stream of [cli.stdout, cli.stderr]) stream.on("data", (piece) => (text += piece));
    const closed = once(cli, "close") as Promise<[number | null]>;
    const pids = await until(
      async () => {
        const content = await readFile(join(this.directory, file), "utf8").catch(() => "");
        return content ? { done: true, value: JSON.parse(content) as number[] } : { done: false, reason: text };
      },
      { what: file, deadline: "60 s" },
    );
    return { cli, closed, pids, text: () => text };
  }

  /** Runs the CLI, throws with all it said unless it succeeds, and gives what it said. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  /** Runs `up` without asking; gives what it said and its exit code. */
  async up(...args: string[]): Promise<{ code: number; text: string }> {
    const { code, stdout, stderr } = await this.pulumi(["up", "--yes", "--skip-preview", ...args]);
    return { code, text: stdout + stderr };
  }

  /** Runs `up`, throws unless it succeeds, and gives the stack's outputs, secrets shown. */
  async outputs(): Promise<Record<string, unknown>> {
    await this.succeed("up", "--yes", "--skip-preview");
    return this.lastOutputs();
  }

  /** The stack's outputs as the last `up` left them, secrets shown. */
  async lastOutputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.pulumi(["stack", "output", "--json", "--show-secrets"]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** The state as it is stored: secrets encrypted. */
  async state(): Promise<string> {
    return (await this.pulumi(["stack", "export"])).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

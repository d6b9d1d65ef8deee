import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { signalPid } from "../../lib/signal.ts";
import type { RuntimeOptions } from "./options.ts";

/**
 * The exit code by which `@pulumi/pulumi/cmd/run` says that it has already shown the error to the user
 * (`nodeJSProcessExitedAfterLoggingUserActionableMessage` there).
 */
const ERROR_ALREADY_SHOWN = 32;
/** Milliseconds a cancelled program has to end by itself. Below the 5 s after which the engine kills the host. */
const GRACE_MS = 2500;

/** How a program ended: well, with an error it has shown itself (`bail`), or with one to be shown. */
export type ProgramEnd = { kind: "done" } | { kind: "bail" } | { kind: "error"; message: string };

/** Runs one Pulumi program as a child in a process group of its own, so that all it started can be ended with it. */
export class Program {
  readonly #child: ChildProcess;
  #cancelled = false;

  constructor(request: RunRequest, options: RuntimeOptions, engineAddress: string) {
    const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
    this.#child = spawn(process.execPath, [...options.nodeargs, ...runArguments(request, directory, engineAddress)], {
      cwd: directory,
      env: programEnvironment(request, options),
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
  }

  /** Waits for the program to end. */
  async end(): Promise<ProgramEnd> {
    const [code, signal] = await (once(this.#child, "close") as Promise<[number | null, NodeJS.Signals | null]>);
    if (this.#cancelled) return { kind: "error", message: "the program was cancelled" };
    if (code === 0) return { kind: "done" };
    if (code === ERROR_ALREADY_SHOWN) return { kind: "bail" };
    return { kind: "error", message: `the program ended ${signal ? `by ${signal}` : `with exit code ${code}`}` };
  }

  /** Interrupts the program's process group, and kills what is left of it after 2.5 s. */
  async cancel(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#cancelled = true;
    const closed = once(this.#child, "close");
    signalPid(-pid, "SIGINT");
    const kill = setTimeout(() => signalPid(-pid, "SIGKILL"), GRACE_MS);
    await closed;
    clearTimeout(kill);
    // The program is gone, but something it started may ignore SIGINT.
    signalPid(-pid, "SIGKILL");
  }
}

/** The command line of `@pulumi/pulumi/cmd/run`, taken from the program's own dependencies as Pulumi's host does. */
function runArguments(request: RunRequest, directory: string, engineAddress: string): string[] {
  const info = request.getInfo();
  const flags: [string, string][] = [
    ["--monitor", request.getMonitorAddress()],
    ["--engine", engineAddress],
    ["--organization", request.getOrganization()],
    ["--project", request.getProject()],
    ["--root-directory", info?.getRootDirectory() ?? directory],
    ["--stack", request.getStack()],
    ["--pwd", directory],
    ["--parallel", String(request.getParallel())],
  ];
  return [
    resolveRunner(directory),
    ...flags.filter(([, value]) => value !== "").flat(),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
}

function resolveRunner(directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new Error(`${directory}: @pulumi/pulumi is not installed for this program; run \`npm install\` there`);
  }
}

function programEnvironment(request: RunRequest, options: RuntimeOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(configuration(request)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

/** Keys as `namespace:config:name`: the form that every version of the SDK reads. */
function configuration(request: RunRequest): Record<string, string> {
  return Object.fromEntries(
    request
      .getConfigMap()
      .toArray()
      .map(([key, value]) => {
        const colon = key.indexOf(":");
        return [`${key.slice(0, colon)}:config:${key.slice(colon + 1)}`, value];
      }),
  );
}

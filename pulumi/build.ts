import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { exec } from "../lib/exec.ts";
import { builtDockerCli } from "../lib/home.ts";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import { OperationLog } from "../lib/operation-log.ts";
import { projectPath } from "../lib/project.ts";
import { type OnStep, step } from "../lib/step.ts";
import { goEnvironment, requireGo } from "./go.ts";
import { launcher, writeLauncher } from "./launchers.ts";
import { makePart, type Part } from "./part.ts";
import { type PluginName, VERSIONS } from "./versions.ts";

const LANGUAGE_HOST = "pulumi/language-host/main.ts";
const COMMAND_PROVIDER = "pulumi/command-provider/main.ts";

/** A part together with how it is built. */
export interface BuildPart extends Part {
  /** How long that takes from empty caches on two cores; undefined where Go compiles nothing and it takes no time. */
  expectedMs?: number;
  build(staging: string, run: { signal?: AbortSignal; onLine: (line: string) => void }): Promise<void>;
}

/** The parts of a Pulumi built here: the CLI below `root`, those plugins below `pulumiHome`. */
export async function buildParts(
  root: string,
  pulumiHome: string,
  plugins: readonly PluginName[],
): Promise<BuildPart[]> {
  const cliModule = projectPath("pulumi/modules/cli");
  const pluginsModule = projectPath("pulumi/modules/plugins");
  const [cliHash, pluginsHash] = await Promise.all([moduleHash(cliModule), moduleHash(pluginsModule)]);
  const plugin = (name: PluginName) => ({
    title: `${name} plugin ${VERSIONS.plugins[name]}`,
    directory: join(pulumiHome, "plugins", `resource-${name}-v${VERSIONS.plugins[name]}`),
    executable: `pulumi-resource-${name}`,
  });
  const goPlugin = (name: "docker" | "hcloud", expectedMs: number): BuildPart => ({
    ...plugin(name),
    key: `${pluginsHash}\n${process.platform}-${process.arch}`,
    expectedMs,
    build: async (staging, run) => {
      const target = join(staging, `pulumi-resource-${name}`);
      await goBuild(pluginsModule, [`./cmd/pulumi-resource-${name}`], target, ["-tags", "no_compose"], run);
      // Beside the program, this is read at each start instead of being generated.
      await writeFile(join(staging, "schema.json"), await exec([target, "schema"], { maxBytes: 64 << 20 }));
    },
  });
  const makers: Record<PluginName, () => BuildPart> = {
    docker: () => goPlugin("docker", 150_000),
    hcloud: () => goPlugin("hcloud", 60_000),
    command: () => ({
      ...plugin("command"),
      key: launcher(COMMAND_PROVIDER),
      build: (staging) => writeLauncher(join(staging, "pulumi-resource-command"), COMMAND_PROVIDER),
    }),
  };
  return [
    {
      title: `Pulumi CLI ${VERSIONS.cli}`,
      directory: join(root, "bin"),
      executable: "pulumi",
      key: `${cliHash}\n${process.platform}-${process.arch}\n${launcher(LANGUAGE_HOST)}`,
      expectedMs: 280_000,
      build: async (staging, run) => {
        const version = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${VERSIONS.cli}`;
        const target = join(staging, "pulumi");
        await goBuild(cliModule, ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"], target, [], run, version);
        // The CLI looks for its bundled language hosts beside itself.
        await writeLauncher(join(staging, "pulumi-language-nodejs"), LANGUAGE_HOST);
      },
    },
    ...plugins.map((name) => makers[name]()),
  ];
}

/** The Docker CLI: no part of it, but made in the same way. */
export async function dockerCliPart(): Promise<BuildPart> {
  const module = projectPath("pulumi/modules/docker-cli");
  return {
    title: `Docker CLI ${VERSIONS.dockerCli}`,
    directory: dirname(builtDockerCli()),
    executable: basename(builtDockerCli()),
    key: `${await moduleHash(module)}\n${process.platform}-${process.arch}`,
    expectedMs: 50_000,
    build: (staging, run) => {
      const version = `-X github.com/docker/cli/cli/version.Version=${VERSIONS.dockerCli}`;
      return goBuild(module, ["github.com/docker/cli/cmd/docker"], join(staging, "docker"), [], run, version);
    },
  };
}

/**
 * Builds the parts that are not ready, one after the other. What was done before an interruption is kept: a part
 * by its folder, compiled packages by Go's own cache.
 *
 * @throws UserError without a suitable Go; InfraError when a build fails.
 */
export async function build(parts: BuildPart[], onStep: OnStep, signal?: AbortSignal): Promise<void> {
  if (parts.some((part) => part.expectedMs !== undefined)) await requireGo(projectPath("pulumi/modules/cli"));
  for (const part of parts) {
    await step({ title: part.title, expectedMs: part.expectedMs }, onStep, (note) => {
      let packages = 0;
      const onLine = (line: string) => note(`${++packages} packages compiled, now ${line}`);
      return makePart(part, (staging) => part.build(staging, { signal, onLine }));
    });
  }
}

async function goBuild(
  module: string,
  packages: string[],
  target: string,
  flags: string[],
  run: { signal?: AbortSignal; onLine: (line: string) => void },
  ldflags = "",
): Promise<void> {
  const log = new OperationLog(`build-${basename(target)}`);
  try {
    // -v prints each package as it is compiled, which is what progress is made of.
    await exec(["go", "build", "-v", ...flags, "-ldflags", `-s -w ${ldflags}`.trim(), "-o", target, ...packages], {
      cwd: module,
      env: goEnvironment(),
      signal: run.signal,
      onOutput: (text) => {
        log.write(text);
        text.split("\n").filter(Boolean).forEach(run.onLine);
      },
    });
  } catch (error) {
    run.signal?.throwIfAborted();
    throw buildFailed(basename(target), error, log.file);
  }
  log.remove();
}

function buildFailed(name: string, error: unknown, log: string): InfraError {
  const text = (error as Error).message;
  return new InfraError(`${name} can't be built: ${causeOf(text).replace(/^go build -v: /, "")}`, {
    remedy: remedyFor(text) ?? "run the command again: what was compiled is kept",
    log,
    cause: error,
  });
}

/** Hash of all that a Go module folder here says: go.mod, go.sum and every source file. */
async function moduleHash(module: string): Promise<string> {
  const names = (await readdir(module, { recursive: true })).filter((name) => /(\.go|go\.(mod|sum))$/.test(name));
  const hash = createHash("sha256");
  for (const name of names.sort()) hash.update(`${name}\0`).update(await readFile(join(module, name)));
  return hash.digest("hex").slice(0, 16);
}

import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { exec } from "../lib/exec.ts";
import { projectPath } from "../lib/project.ts";
import { goEnvironment, requireGo } from "./go.ts";
import { launcher, writeLauncher } from "./launchers.ts";
import { makePart, type Part } from "./part.ts";
import { type OnProgress, reporting } from "./progress.ts";
import { VERSIONS } from "./versions.ts";

const LANGUAGE_HOST = "engine/language-host/main.ts";
const COMMAND_PROVIDER = "engine/command-provider/main.ts";

/** A part together with how it is built and how long that takes from empty caches on two cores. */
export interface BuildPart extends Part {
  expectedMs: number;
  build(staging: string, run: { signal?: AbortSignal; onLine: (line: string) => void }): Promise<void>;
}

/** The parts of an engine built here: the CLI below `root`, the plugins below `pulumiHome`. */
export async function buildParts(root: string, pulumiHome: string): Promise<BuildPart[]> {
  const cliModule = projectPath("engine/modules/cli");
  const pluginsModule = projectPath("engine/modules/plugins");
  const [cliHash, pluginsHash] = await Promise.all([moduleHash(cliModule), moduleHash(pluginsModule)]);
  const plugin = (name: keyof typeof VERSIONS.plugins) => ({
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
    goPlugin("docker", 150_000),
    goPlugin("hcloud", 60_000),
    {
      ...plugin("command"),
      key: launcher(COMMAND_PROVIDER),
      expectedMs: 10,
      build: (staging) => writeLauncher(join(staging, "pulumi-resource-command"), COMMAND_PROVIDER),
    },
  ];
}

/**
 * Builds the parts that are not ready, one after the other. What was done before an interruption is kept: a part
 * by its folder, compiled packages by Go's own cache.
 *
 * @throws UserError without a suitable Go; InfraError when a build fails.
 */
export async function build(parts: BuildPart[], onProgress: OnProgress, signal?: AbortSignal): Promise<void> {
  if (parts.some((part) => part.expectedMs > 1000)) await requireGo(projectPath("engine/modules/cli"));
  for (const part of parts) {
    let packages = 0;
    let last = "";
    const onLine = (line: string) => {
      last = line;
      packages++;
    };
    const note = () => (packages ? `${packages} packages compiled, now ${last}` : undefined);
    await reporting({ part: part.title, expectedMs: part.expectedMs, note }, onProgress, () =>
      makePart(part, (staging) => part.build(staging, { signal, onLine })),
    );
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
  try {
    // -v prints each package as it is compiled, which is what progress is made of.
    await exec(["go", "build", "-v", ...flags, "-ldflags", `-s -w ${ldflags}`.trim(), "-o", target, ...packages], {
      cwd: module,
      env: goEnvironment(),
      signal: run.signal,
      onOutput: (text) => text.split("\n").filter(Boolean).forEach(run.onLine),
    });
  } catch (error) {
    run.signal?.throwIfAborted();
    throw new InfraError(`building ${packages.join(" ")} failed: ${(error as Error).message}`, {
      remedy: "run the command again: what was compiled is kept, and a network error may be gone",
      cause: error,
    });
  }
}

/** Hash of all that a Go module folder here says: go.mod, go.sum and every source file. */
async function moduleHash(module: string): Promise<string> {
  const names = (await readdir(module, { recursive: true })).filter((name) => /(\.go|go\.(mod|sum))$/.test(name));
  const hash = createHash("sha256");
  for (const name of names.sort()) hash.update(`${name}\0`).update(await readFile(join(module, name)));
  return hash.digest("hex").slice(0, 16);
}

import { realpathSync } from "node:fs";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { exec, run } from "../lib/exec.ts";
import { home } from "../lib/home.ts";
import { reasonIn } from "../lib/known-causes.ts";
import { shortHash } from "../lib/names.ts";
import { OperationLog } from "../lib/operation-log.ts";
import { findProgram, isExecutable } from "../lib/program.ts";
import { type OnStep, step } from "../lib/step.ts";
import { isAtLeast, type PluginName, VERSIONS } from "./versions.ts";

/** Milliseconds the download site has to answer before Pulumi is built instead. */
const SITE_TIMEOUT_MS = 3000;
const REMEDY = "set RECIPE_CI_ENGINE=built to build Pulumi and its plugins from source";
const INSTALLER = "https://get.pulumi.com/install.sh";

/** An official Pulumi: `root` holds bin/pulumi. */
export interface OfficialCli {
  root: string;
  version: string;
}

/** The Pulumi home that an official CLI uses: the user's own, so that plugins, log-in and stacks are shared. */
export function userPulumiHome(): string {
  return process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
}

/**
 * The first `pulumi` on PATH, if it is at least {@link VERSIONS}.minimumCli and has its Node language host beside it.
 * Its version is asked once for each file (by path, size and time) and remembered.
 */
export async function findOnPath(signal?: AbortSignal): Promise<OfficialCli | undefined> {
  const found = await findProgram("pulumi");
  if (!found) return undefined;
  const program = realpathSync(found);
  if (!(await isExecutable(join(dirname(program), "pulumi-language-nodejs")))) return undefined;
  const version = await rememberedVersion(program, signal);
  if (!version || !isAtLeast(version, VERSIONS.minimumCli)) return undefined;
  return { root: await rootOf(program), version };
}

/** The official Pulumi that an earlier call downloaded. */
export async function findDownloaded(): Promise<OfficialCli | undefined> {
  const root = downloadRoot();
  return (await isExecutable(join(root, "bin", "pulumi-language-nodejs"))) &&
    (await isExecutable(join(root, "bin", "pulumi")))
    ? { root, version: VERSIONS.cli }
    : undefined;
}

/**
 * Downloads the official Pulumi by the Automation API's installer; undefined when its site can't be reached.
 *
 * @throws InfraError when the site answers and the download fails all the same.
 */
export async function download(onStep: OnStep): Promise<OfficialCli | undefined> {
  const reachable = await fetch(INSTALLER, { method: "HEAD", signal: AbortSignal.timeout(SITE_TIMEOUT_MS) }).then(
    (response) => response.ok,
    () => false,
  );
  if (!reachable) return undefined;
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  try {
    await step({ title: `Pulumi CLI ${VERSIONS.cli} (download)` }, onStep, () =>
      // Without a version it installs the one of the SDK, which package.json pins to the same number.
      PulumiCommand.install({ root: downloadRoot() }),
    );
  } catch (error) {
    throw downloadFailed("Pulumi", (error as Error).message, error);
  }
  return { root: downloadRoot(), version: VERSIONS.cli };
}

/**
 * Installs those official plugins that `pulumiHome` lacks.
 *
 * @throws InfraError when one can't be downloaded.
 */
export async function installPlugins(
  cli: OfficialCli,
  pulumiHome: string,
  plugins: readonly PluginName[],
  onStep: OnStep,
): Promise<void> {
  for (const name of plugins) {
    const version = VERSIONS.plugins[name];
    const executable = `pulumi-resource-${name}`;
    if (await isExecutable(join(pulumiHome, "plugins", `resource-${name}-v${version}`, executable))) continue;
    await step({ title: `${name} plugin ${version} (download)` }, onStep, async () => {
      const argv = [join(cli.root, "bin", "pulumi"), "plugin", "install", "resource", name, version] as const;
      const result = await run(argv, { env: { ...process.env, PULUMI_HOME: pulumiHome } });
      if (result.code !== 0) throw downloadFailed(`the ${name} plugin ${version}`, result.stderr);
    });
  }
}

function downloadFailed(what: string, said: string, cause?: unknown): InfraError {
  const log = new OperationLog("download");
  log.write(said);
  const why = reasonIn(said.split("\n")) ?? "no reason was given";
  return new InfraError(`${what} could not be downloaded: ${why}`, { remedy: REMEDY, log: log.file, cause });
}

function downloadRoot(): string {
  return home("engine", `official-${VERSIONS.cli}`);
}

/** The version of a CLI without its `v`. What the last one answered is kept: asking costs the start of a process. */
async function rememberedVersion(program: string, signal?: AbortSignal): Promise<string | undefined> {
  const { size, mtimeMs } = await stat(program);
  const file = home("engine", "path-version");
  const key = `${program} ${size} ${mtimeMs}`;
  const [knownKey, known] = (await readFile(file, "utf8").catch(() => "")).split("\n");
  if (knownKey === key && known) return known;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const answer = await exec([program, "version"], { env, signal, timeout: 30_000 }).catch(() => undefined);
  const version = answer?.trim().replace(/^v/, "");
  if (!version) return undefined;
  await mkdir(home("engine"), { recursive: true });
  await writeFile(file, `${key}\n${version}`);
  return version;
}

/** The folder above `bin`. A CLI that lies elsewhere gets a folder with such a `bin` that links to it. */
async function rootOf(program: string): Promise<string> {
  if (basename(dirname(program)) === "bin" && basename(program) === "pulumi") return dirname(dirname(program));
  const root = home("engine", `path-${shortHash([program])}`);
  await mkdir(join(root, "bin"), { recursive: true });
  await symlink(program, join(root, "bin", "pulumi")).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return root;
}

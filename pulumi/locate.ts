import { UserError } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { oneAtATime } from "../lib/one-at-a-time.ts";
import type { OnStep } from "../lib/step.ts";
import { type BuildPart, build, buildParts, dockerCliPart } from "./build.ts";
import { launcherEnvironment } from "./launchers.ts";
import { download, findDownloaded, findOnPath, installPlugins, type OfficialCli, userPulumiHome } from "./official.ts";
import { isReady } from "./part.ts";
import { COMMON_PLUGINS, type PluginName, VERSIONS } from "./versions.ts";

/** A Pulumi that is ready to run this project's stacks. */
export interface Pulumi {
  /** Folder with `bin/pulumi`, as `PulumiCommand.get({ root })` wants it. */
  root: string;
  version: string;
  /** path: the user's own; download: the official one, fetched earlier or now; home: built earlier; built: just now. */
  source: "path" | "home" | "download" | "built";
  /** What every pulumi process needs in its environment, besides the backend's ({@link backendEnv}). */
  env: Record<string, string>;
}

export interface EnsurePulumiOptions {
  /** Called while something takes longer than a moment: a download, a build, another process's build. */
  onProgress: OnStep;
  /** Provider plugins that the stack needs. Default: {@link COMMON_PLUGINS}. */
  plugins?: readonly PluginName[];
  signal?: AbortSignal;
}

/**
 * Finds Pulumi with its plugins, or makes it. In this order: an official CLI (3.245 or newer) on PATH, one that is in
 * the cache, the official download if its site answers within 3 s, a build from Go modules (minutes, once).
 *
 * `RECIPE_CI_ENGINE` set to `official` or `built` allows only that kind.
 *
 * @throws UserError for another value of that variable, or when a build is needed and Go is missing or too old.
 * @throws InfraError when a download or a build fails.
 */
export async function ensurePulumi(options: EnsurePulumiOptions): Promise<Pulumi> {
  const kind = wantedKind();
  if (kind !== "built") {
    const own = await findOnPath(options.signal);
    if (own) return officialEngine(own, "path", options);
    const downloaded = await findDownloaded();
    if (downloaded) return officialEngine(downloaded, "download", options);
  }
  const root = home("engine", "built");
  if (kind !== "official" && (await missingParts(root, options.plugins)).length === 0) return builtPulumi(root, "home");
  return exclusively(options, async () => {
    const downloaded =
      kind === "built" ? undefined : ((await findDownloaded()) ?? (await download(options.onProgress)));
    if (downloaded) return officialEngine(downloaded, "download", options);
    if (kind === "official") throw siteUnreachable();
    await build(await missingParts(root, options.plugins), options.onProgress, options.signal);
    return builtPulumi(root, "built");
  });
}

/**
 * Builds the Docker CLI that this project reads compose files with, unless that is done.
 *
 * @throws UserError where Go is missing or too old; InfraError when the build fails
 */
export async function ensureDockerCli(options: Omit<EnsurePulumiOptions, "plugins">): Promise<void> {
  const part = await dockerCliPart();
  if (await isReady(part)) return;
  await exclusively(options, async () => {
    if (!(await isReady(part))) await build([part], options.onProgress, options.signal);
  });
}

/** Pulumi as it is, without downloading or building anything; undefined when one would have to be made. */
export async function findPulumi(): Promise<Pick<Pulumi, "version" | "source" | "root"> | undefined> {
  const kind = wantedKind();
  const own = kind === "built" ? undefined : await findOnPath();
  if (own) return { ...own, source: "path" };
  const downloaded = kind === "built" ? undefined : await findDownloaded();
  if (downloaded) return { ...downloaded, source: "download" };
  const root = home("engine", "built");
  return kind === "official" || (await missingParts(root)).length > 0 ? undefined : builtPulumi(root, "home");
}

function wantedKind(): "official" | "built" | undefined {
  const value = process.env.RECIPE_CI_ENGINE || undefined;
  if (value === undefined || value === "official" || value === "built") return value;
  throw new UserError(`RECIPE_CI_ENGINE is "${value}"`, { remedy: "set it to official or built, or unset it" });
}

function siteUnreachable(): UserError {
  const message = "RECIPE_CI_ENGINE is official, but there is no Pulumi on PATH and its site does not answer";
  return new UserError(message, {
    remedy: `install Pulumi ${VERSIONS.minimumCli} or newer, or unset RECIPE_CI_ENGINE to have it built`,
  });
}

async function missingParts(root: string, plugins = COMMON_PLUGINS): Promise<BuildPart[]> {
  const parts = await buildParts(root, builtHome(), plugins);
  const ready = await Promise.all(parts.map(isReady));
  return parts.filter((_, index) => !ready[index]);
}

/** Downloads and builds happen in one process at a time; they take minutes. */
function exclusively<T>({ onProgress, signal }: EnsurePulumiOptions, work: () => Promise<T>): Promise<T> {
  const turn = { name: "Pulumi", title: "Pulumi", doing: "making it", deadline: "60 min" } as const;
  return oneAtATime({ ...turn, onStep: onProgress, signal }, work);
}

async function officialEngine(
  cli: OfficialCli,
  source: "path" | "download",
  { plugins = COMMON_PLUGINS, onProgress }: EnsurePulumiOptions,
): Promise<Pulumi> {
  const pulumiHome = userPulumiHome();
  await installPlugins(cli, pulumiHome, plugins, onProgress);
  return { ...cli, source, env: commonEnvironment(pulumiHome) };
}

function builtPulumi(root: string, source: "home" | "built"): Pulumi {
  const env = {
    ...commonEnvironment(builtHome()),
    ...launcherEnvironment(),
    // Everything is in its place: nothing on PATH may take it, and nothing is to be fetched.
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  return { root, version: VERSIONS.cli, source, env };
}

function commonEnvironment(pulumiHome: string): Record<string, string> {
  return {
    PULUMI_HOME: pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Node keeps compiled code of the SDKs and stripped TypeScript there: programs and plugins start faster.
    NODE_COMPILE_CACHE: home("engine", "node-compile-cache"),
  };
}

function builtHome(): string {
  return home("pulumi");
}

import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What this host reads of an installed npm package's package.json. */
export interface InstalledPackage {
  name: string;
  version: string;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

/** A provider plugin that an installed SDK asks for. */
export interface RequiredPlugin {
  name: string;
  version: string;
  server: string;
}

/** Packages installed for a program: those in the nearest node_modules at or above its folder. */
export async function installedPackages(directory: string): Promise<InstalledPackage[]> {
  const root = await nearestNodeModules(directory);
  if (root === undefined) return [];
  const found = await Promise.all((await packageFolders(root)).map(readPackage));
  return found.filter((entry) => entry !== undefined).sort((a, b) => a.name.localeCompare(b.name));
}

/** Provider plugins that the installed SDKs need: packages whose `pulumi.resource` is true, as in Pulumi's own host. */
export async function requiredPlugins(directory: string): Promise<RequiredPlugin[]> {
  return (await installedPackages(directory))
    .filter((entry) => entry.pulumi?.resource === true)
    .map((entry) => ({
      name: entry.pulumi?.name ?? entry.name.replace(/^@pulumi\//, "").replace(/^@/, ""),
      version: entry.pulumi?.version ?? entry.version,
      server: entry.pulumi?.server ?? "",
    }));
}

/** Names in a program's package.json that it depends on itself. Empty without a package.json. */
export async function directDependencies(directory: string): Promise<Set<string>> {
  try {
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
    return new Set(Object.keys({ ...dependencies, ...devDependencies }));
  } catch {
    return new Set();
  }
}

async function nearestNodeModules(directory: string): Promise<string | undefined> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules");
    if ((await list(candidate)).length > 0) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

async function packageFolders(root: string): Promise<string[]> {
  const names = (await list(root)).filter((name) => !name.startsWith("."));
  const folders = await Promise.all(
    names.map(async (name) =>
      name.startsWith("@")
        ? (await list(join(root, name))).map((scoped) => join(root, name, scoped))
        : [join(root, name)],
    ),
  );
  return folders.flat();
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function readPackage(folder: string): Promise<InstalledPackage | undefined> {
  try {
    const content = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Partial<InstalledPackage>;
    return content.name && content.version ? (content as InstalledPackage) : undefined;
  } catch {
    return undefined;
  }
}

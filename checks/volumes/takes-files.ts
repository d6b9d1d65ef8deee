import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import { plural } from "../../lib/plural.ts";
import type { Engine } from "../../swarm/client.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer, standingServices } from "../container.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder } from "./archive-folder.ts";
import { type FolderFiles, imageFiles } from "./image-files.ts";

/** A place where a service of base and of head has the same volume, over what their images may bring there. */
export interface CoveredFolder {
  service: string;
  /** Images of base and head. */
  images: { base: string; head: string };
  /** Final name of the volume, and its key. */
  volume: string;
  key: string;
  /** Where the service has it. */
  target: string;
}

/** What programs are made of, and nobody else writes. Pages alone may be an example that users have in place of it. */
const OF_PROGRAMS = /\.(css|m?js|map|php|py|pyc|rb|p[lm]|lua|so|jar|class|wasm|woff2?)$/i;
/** What comes with programs for users to change. */
const TO_CHANGE = /(settings|conf(ig)?|local|default|example|sample|dist|custom)/i;
/** Of so few files nobody can say that an app is made of them. */
const LEAST = 2;
/** Files whose contents are compared, at most. */
const MOST = 200;

/** The places at which head's image may bring files that base's volume hides. */
export function coveredFolders(base: AppSpec, head: AppSpec): CoveredFolder[] {
  return head.services.flatMap((service) => {
    const before = base.services.find(({ key }) => key === service.key);
    if (!before || before.image === service.image) return [];
    const images = { base: before.image, head: service.image };
    return service.mounts.flatMap(({ type, source, target, volume }) => {
      const own = head.volumes.find(({ name, external }) => name === source && !external);
      if (type !== "volume" || !own || volume?.subpath || !isMountedAt(before, source, target)) return [];
      return [{ service: service.key, images, volume: own.name, key: own.key, target }];
    });
  });
}

function isMountedAt({ mounts }: ServiceSpec, source: string | undefined, target: string): boolean {
  return mounts.some((one) => one.source === source && one.target === target && !one.volume?.noCopy);
}

/**
 * What head's images bring at the place of a volume, the app has: Docker copies an image's files into a volume while
 * that is empty, and never again. So a program that lies in one stays at base's version, however new its image is.
 *
 * @param mayLose reasons, by key of a volume or service, why that may be
 */
export function takesFiles(
  folders: readonly CoveredFolder[],
  resticOf: ResticOf,
  mayLose: Record<string, string> = {},
): CheckFunction {
  return async (context) => {
    const asked = folders.filter(({ key, service }) => !(key in mayLose || service in mayLose));
    const problems: string[] = [];
    const engine = await engineOf(context);
    for (const folder of asked) {
      const changed = engine ? await changedFiles(engine, context.run, folder) : new Map<string, undefined>();
      if (changed.size < LEAST) continue;
      const old = await unchangedIn(resticOf(context), folder.volume, changed);
      // Whoever brings some of them knows of it.
      if (old.length === changed.size) problems.push(hides(folder, old));
    }
    if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
    const places = asked.map(({ service, target }) => `${target} of ${service}`).join(", ");
    return { summary: `nothing of a program is base's still at ${places}` };
  };
}

function hides({ service, images, key, target }: CoveredFolder, old: readonly string[]): string {
  return (
    `${plural(old.length, "file")} of the program at ${target} of ${service} (${old.slice(0, 3).join(", ")}) are still those of ${images.base}: ` +
    `they lie in volume ${key}, into which Docker copies an image's files only while it is empty, so that nobody gets those of ${images.head}. ` +
    "Mount no volume there, or have the entry point bring them; where they may stay: mayLose in the recipe's ci.ts"
  );
}

/** Where all of the app is, and so its images; undefined where no service of it has a container. */
async function engineOf({ swarm, app, signal }: CheckContext): Promise<Engine | undefined> {
  const [standing] = await standingServices(swarm, app.services);
  return standing && (await runningContainer(swarm, standing.name, "recipe", signal)).engine;
}

/** What base's volume has to have in head, and had not: contents as base's image has them, undefined for none. */
async function changedFiles(
  engine: Engine,
  run: string,
  { images, target }: CoveredFolder,
): Promise<Map<string, string | undefined>> {
  const now = await imageFiles(engine, { image: images.head, run }, target);
  if (!now || ![...now.keys()].some(isOfProgram)) return new Map();
  const before = await imageFiles(engine, { image: images.base, run }, target);
  return before ? changedBetween(before, now) : new Map();
}

/** Files of a program that are new or others in head's image, with what base's has of them. */
export function changedBetween(before: FolderFiles, now: FolderFiles): Map<string, string | undefined> {
  const changed = [...now].filter(([path, digest]) => isOfProgram(path) && before.get(path) !== digest);
  return new Map(changed.slice(0, MOST).map(([path]) => [path, before.get(path)]));
}

function isOfProgram(path: string): boolean {
  return OF_PROGRAMS.test(path) && !TO_CHANGE.test(path.split("/").at(-1) ?? "");
}

/** Of these files those that a volume has as they are said to be, or has not, where that is said. */
async function unchangedIn(
  restic: Restic,
  volume: string,
  files: ReadonlyMap<string, string | undefined>,
): Promise<string[]> {
  const folder = archiveFolder(volume);
  const script = 'for f; do if [ -f "$f" ]; then sha256sum < "$f" | cut -c -64; else echo none; fi; done';
  const paths = [...files.keys()].map((path) => `${folder}/${path}`);
  const digests = (await restic.inHelper(["sh", "-c", script, "sh", ...paths])).trim().split("\n");
  return [...files].flatMap(([path, before = "none"], index) => (digests[index] === before ? [path] : []));
}

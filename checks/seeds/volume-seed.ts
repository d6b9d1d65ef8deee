import type { AppSpec, VolumeSpec } from "../../compose/app-spec.ts";
import type { CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { archiveFolder, MARKER } from "../volumes/archive-folder.ts";
import { changedOwners, ownersText } from "../volumes/owners.ts";
import type { Seed } from "./seed.ts";

/**
 * A seed that is a file in each of these volumes, put there and read through the backup helper: the app's image need
 * have no shell, and its user no right to write there. It shows what becomes of volumes, and nothing of what the app
 * does with them. Those that a version does not mount are not asked for.
 */
export function volumeSeed(volumes: readonly VolumeSpec[], helperOf: ResticOf): Seed {
  const mounted = (app: AppSpec) => volumes.filter((volume) => mounts(app, nameIn(app, volume)));
  return {
    name: "file",
    write: async (context, value) => {
      // Whoever owns the volume's root may do with it as with the app's own files.
      const script = `value=$(cat)
for f; do printf %s "$value" > "$f" && chown "$(stat -c %u:%g "$(dirname "$f")")" "$f" || exit 1; done`;
      const places = mounted(context.app).map((volume) => placeIn(context.app, volume));
      await helperOf(context).inHelper(["sh", "-c", script, "sh", ...places], value);
    },
    read: async (context) => {
      const asked = mounted(context.app);
      if (asked.length === 0) return undefined;
      const script =
        'for f; do if test -e "$f"; then printf "found %s\\n" "$(head -n 1 "$f")"; else echo gone; fi; done';
      const places = asked.map((volume) => placeIn(context.app, volume));
      const text = await helperOf(context).inHelper(["sh", "-c", script, "sh", ...places]);
      return together(asked, text.split("\n"));
    },
    snapshotPlace: (app) => {
      const [first] = volumes;
      return first && { path: placeIn(app, first) };
    },
  };
}

/** One answer for all: what is found, where it is found everywhere; undefined where it is found nowhere. */
function together(volumes: readonly VolumeSpec[], lines: readonly string[]): string | undefined {
  const found = lines.slice(0, volumes.length).map((line) => /^found (.*)/.exec(line)?.[1]);
  const values = new Set(found);
  if (values.size === 1) return found[0];
  const gone = volumes.filter((_, index) => found[index] === undefined).map(({ key }) => key);
  if (gone.length === 0) return found.join(", ");
  throw new CheckFailure(
    `the file ${MARKER} is gone from volume ${gone.join(", ")}, and still in the other volumes: something empties it`,
  );
}

/** The restored markers and the roots of their volumes belong to whom they did: what reads there goes on as before. */
export function keepsOwner(volumes: readonly VolumeSpec[], helperOf: ResticOf): CheckFunction {
  return async (context) => {
    const own = volumes.flatMap(({ key }) => [`volume ${key}: ${MARKER}`, `volume ${key}: its root`]);
    const changed = (await changedOwners(context.app, helperOf(context))).filter(({ path }) => own.includes(path));
    if (changed.length > 0) throw new CheckFailure(ownersText(changed));
    return { summary: own.join(", ") };
  };
}

function placeIn(app: AppSpec, volume: VolumeSpec): string {
  return `${archiveFolder(nameIn(app, volume))}/${MARKER}`;
}

// On a new server it has another name, and the same key.
function nameIn({ volumes }: AppSpec, { name, key }: VolumeSpec): string {
  const same = volumes.some((volume) => volume.name === name) ? undefined : volumes.find((one) => one.key === key);
  return same?.name ?? name;
}

function mounts(app: AppSpec, volume: string): boolean {
  return app.services.some((service) =>
    service.mounts.some(({ type, source }) => type === "volume" && source === volume),
  );
}

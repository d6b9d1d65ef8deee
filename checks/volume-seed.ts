import type { AppSpec, VolumeSpec } from "../compose/app-spec.ts";
import type { ResticOf } from "./backup.ts";
import type { CheckFunction } from "./check.ts";
import { CheckFailure } from "./check.ts";
import { archiveFolder } from "./file-seed.ts";
import { changedOwners } from "./owners.ts";
import type { Seed } from "./seed.ts";

/** Name of the file. */
const MARKER = "recipe-ci-seed";

/**
 * A seed that is a file in a volume, put there and read through the backup helper: the app's image need have no shell,
 * and its user no right to write there. It shows what becomes of a volume, and nothing of what the app does with it.
 */
export function volumeSeed(volume: VolumeSpec, helperOf: ResticOf): Seed {
  const placeIn = (app: AppSpec) => `${archiveFolder(nameIn(app, volume))}/${MARKER}`;
  return {
    name: "file",
    write: async (context, value) => {
      // Whoever owns the volume's root may do with it as with the app's own files.
      const script = 'cat > "$1" && chown "$(stat -c %u:%g "$(dirname "$1")")" "$1"';
      await helperOf(context).inHelper(["sh", "-c", script, "sh", placeIn(context.app)], value);
    },
    read: async (context) => {
      if (!mounts(context.app, nameIn(context.app, volume))) return undefined;
      const script = 'if test -e "$1"; then echo found; cat "$1"; fi';
      const text = await helperOf(context).inHelper(["sh", "-c", script, "sh", placeIn(context.app)]);
      return text.startsWith("found\n") ? text.slice("found\n".length) : undefined;
    },
    snapshotPlace: (app) => ({ path: placeIn(app) }),
  };
}

/** The restored marker and the volume's root belong to whom they did: what reads and writes there goes on as before. */
export function keepsOwner(volume: VolumeSpec, helperOf: ResticOf): CheckFunction {
  return async (context) => {
    const own = [`volume ${volume.key}: ${MARKER}`, `volume ${volume.key}: its root`];
    const changed = (await changedOwners(context.app, helperOf(context))).filter(({ path }) => own.includes(path));
    if (changed.length > 0) {
      throw new CheckFailure(
        changed.map(({ path, before, now }) => `${path} belongs to ${now}, and belonged to ${before}`).join("\n"),
      );
    }
    return { summary: own.join(", ") };
  };
}

// On a new server it has another name, and the same key.
function nameIn({ volumes }: AppSpec, { name, key }: VolumeSpec): string {
  const same = volumes.some((volume) => volume.name === name) ? undefined : volumes.find((one) => one.key === key);
  return same?.name ?? name;
}

// A volume that no service of this version mounts is lost to it, though it is there.
function mounts(app: AppSpec, volume: string): boolean {
  return app.services.some((service) =>
    service.mounts.some(({ type, source }) => type === "volume" && source === volume),
  );
}

import type { AppSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { archiveFolder } from "./archive-folder.ts";

/**
 * Volumes that are lost with the server: those the app made, with all that is in them. What is external, or only a
 * name for a place elsewhere (a bind, a share), is not the app's to lose.
 */
export function lostVolumes(app: AppSpec): VolumeSpec[] {
  return app.volumes.filter(
    ({ external, driver = "local", driverOpts }) =>
      !external && driver === "local" && (driverOpts.device === undefined || driverOpts.type === "tmpfs"),
  );
}

/** Where these lie inside the helper. */
export function lostFolders(app: AppSpec): string[] {
  return lostVolumes(app).map(({ name }) => archiveFolder(name));
}

/** What an author can do who knows better, after what is lost. */
export const UNLESS_NEEDLESS = "Where nothing of it is needed: mayLose in the recipe's ci.ts";

/** In which of these a path inside the helper lies, by its key, and where in it; undefined for any other path. */
export function lostVolumeAt(app: AppSpec): (path: string) => { key: string; inner: string } | undefined {
  const places = lostVolumes(app).map(({ key, name }) => ({ key, folder: archiveFolder(name) }));
  return (path) => {
    const place = places.find(({ folder }) => `${path}/`.startsWith(`${folder}/`));
    return place && { key: place.key, inner: path.slice(place.folder.length + 1) };
  };
}

const SCRATCH = /(^|[._-])(cache|caches|tmp|temp|run|sock|socket|sockets)([._-]|$)/i;

/** Whether a volume says by its name that nothing in it must last, as `redis-cache` does. */
export function isScratch(key: string): boolean {
  return SCRATCH.test(key);
}

/** What apps and their images make again: by the names of volumes, or of the programs that keep such things. */
const MADE_AGAIN =
  /(^|[._-])(logs?|index(es)?|search|thumb(s|nails?)?|previews?|static|assets|models?|node_modules|vendor|build|sessions?|queues?|acme|certs?|letsencrypt)([._-]|$)|redis|valkey|keydb|memcached?|rabbitmq|elastic|opensearch|solr|meili|typesense|sphinx|manticore/i;

/** Whether a volume says by its name that what is in it is made again from elsewhere, or need not last. */
export function isMadeAgain(key: string): boolean {
  return isScratch(key) || MADE_AGAIN.test(key);
}

/** Whether a folder or file says by its name that it is hidden, or made again. */
export function isPassing(name: string): boolean {
  return name.startsWith(".") || isMadeAgain(name);
}

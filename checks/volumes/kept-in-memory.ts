import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import type { CheckContext } from "../check.ts";
import { askInService } from "../exec.ts";
import { isBrought, isScratchPath } from "./brought.ts";
import { DATABASE_NAMES } from "./unread.ts";

/** Where a service has file systems in memory that do not say by their path that nothing there must last. */
export function memoryPlaces({ volumes }: Pick<AppSpec, "volumes">, { mounts }: Pick<ServiceSpec, "mounts">): string[] {
  const inMemory = volumes.filter(({ driverOpts }) => driverOpts.type === "tmpfs").map(({ name }) => name);
  return mounts
    .filter(({ type, source, readOnly }) => type === "tmpfs" || (!readOnly && inMemory.includes(source ?? "")))
    .map(({ target }) => target)
    .filter((target) => !isScratchPath(target));
}

// Of files of sqlite's the header is asked for (its file format, 1.3).
const LOOK = `for root; do find "$root" -type f -size +0 2>/dev/null; done | grep "^/" | head -n 500 | while IFS= read -r path; do
  if ! printf "%s" "$path" | grep -qiE "${DATABASE_NAMES}"; then printf "F %s\\n" "$path"; continue; fi
  case "$(head -c 15 "$path" 2>/dev/null)" in "SQLite format 3") printf "D %s\\n" "$path" ;; esac
done`;

/**
 * What a service keeps in memory that must last, a sentence: a database of sqlite's, or what users bring. Docker shows
 * nothing of such a file system from outside, so the container's own shell is asked; where it has none nothing is said.
 */
export async function keptInMemory(context: CheckContext, service: ServiceSpec): Promise<string[]> {
  const places = memoryPlaces(context.app, service);
  if (places.length === 0) return [];
  const asked = await askInService(context, service.key, ["sh", "-c", LOOK, "sh", ...places]);
  const found = keptOf(asked?.stdout ?? "");
  if (found === undefined) return [];
  return [
    `${service.key} keeps ${found} in memory (tmpfs), where each update, and each restart, loses it. Mount a volume there; where it may be lost: mayLose in the recipe's ci.ts`,
  ];
}

/** The first that must last, of what a look found; undefined where there is none. */
export function keptOf(found: string): string | undefined {
  const lines = found.split("\n").filter((line) => !isScratchPath(line.slice(2)));
  const database = lines.find((line) => line.startsWith("D "));
  if (database) return `the database ${database.slice(2)} (sqlite)`;
  return lines.find((line) => line.startsWith("F ") && isBrought(line.slice(2)))?.slice(2);
}

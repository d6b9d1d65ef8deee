import { posix } from "node:path";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { Placed } from "../../swarm/exec.ts";
import type { CheckContext } from "../check.ts";
import { askInService } from "../exec.ts";
import { isScratchPath } from "./brought.ts";
import { containerFile } from "./container-file.ts";
import { isOfUsers } from "./written-over.ts";

/** A link in a volume, and what it leads to, as the container has both. */
export interface Link {
  path: string;
  target: string;
}

/** Files that are opened, at most. */
const MOST = 20;

// The container's own shell says where its links lead: a path means something else outside.
const LOOK = `for root; do find "$root" -xdev -type l 2>/dev/null; done | head -n 200 | while IFS= read -r path; do
  printf "%s\\t%s\\n" "$path" "$(readlink -f "$path")"
done`;

/**
 * What a service writes by a link in a volume that leads out of it, into the container's own file system, a sentence:
 * the link lasts, and what it leads to goes with the container. Where there is no shell nothing is said.
 *
 * @param written what the container made in its own file system
 */
export async function leadsOut(
  context: CheckContext,
  service: ServiceSpec,
  container: Placed,
  written: readonly string[],
): Promise<string[]> {
  const roots = service.mounts.filter(({ type, source }) => type === "volume" && source).map(({ target }) => target);
  if (roots.length === 0 || written.length === 0) return [];
  const asked = await askInService(context, service.key, ["sh", "-c", LOOK, "sh", ...roots]);
  const lines = (asked?.stdout ?? "").split("\n").map((line) => line.split("\t"));
  const links = lines.flatMap(([path, target]) => (path && target ? [{ path, target }] : []));
  const places = service.mounts.map(({ target }) => target);
  for (const { link, file } of writtenByLinks(links, places, written).slice(0, MOST)) {
    if (!(await containerFile(container, file)).isFile) continue;
    return [
      `${service.key} writes ${file} into its container, by the link ${link} in a volume: the volume keeps the link alone, and each update loses what it leads to. Have it lead to a place in a volume; where that may be lost: mayLose in the recipe's ci.ts`,
    ];
  }
  return [];
}

/** What must last, by its name, of what was written behind links that lead to none of the places mounted. */
export function writtenByLinks(
  links: readonly Link[],
  mounted: readonly string[],
  written: readonly string[],
): { link: string; file: string }[] {
  const within = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
  const out = links.filter(({ path, target }) => {
    const root = mounted.find((place) => within(path, place)) ?? "";
    const isPassing = isScratchPath(target) || !isOfUsers(`volume${path.slice(root.length)}`);
    return !isPassing && target !== "/" && !mounted.some((place) => within(target, place));
  });
  return out.flatMap(({ path, target }) =>
    written
      .filter((file) => within(file, target))
      .filter((file) => isOfUsers(`volume${file === target ? `/${posix.basename(file)}` : file.slice(target.length)}`))
      .map((file) => ({ link: path, file })),
  );
}

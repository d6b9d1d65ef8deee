import type { AppSpec } from "../../compose/app-spec.ts";
import type { CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { archiveFolder } from "./archive-folder.ts";
import { within } from "./keeps-volumes.ts";

/** A folder of a volume that base's service sees, and over which head mounts something else. */
export interface HiddenFolder {
  service: string;
  /** Final name of the volume. */
  volume: string;
  /** Its key. */
  key: string;
  /** Within the volume. */
  folder: string;
  /** Where the service has it. */
  target: string;
}

/** Folders of base's volumes that head mounts something over. */
export function hiddenFolders(base: AppSpec, head: AppSpec): HiddenFolder[] {
  return head.services.flatMap((service) => {
    const before = base.services.find(({ key }) => key === service.key);
    const outer = (before?.mounts ?? []).filter(({ type, source }) => type === "volume" && source !== undefined);
    const added = service.mounts.filter(({ target }) => before?.mounts.every((mount) => mount.target !== target));
    return added.flatMap(({ target }) =>
      outer
        .filter((mount) => mount.target !== target && within(target, mount.target))
        .filter((mount) => service.mounts.some((now) => now.source === mount.source && now.target === mount.target))
        .map((mount) => ({
          service: service.key,
          volume: mount.source ?? "",
          key: base.volumes.find(({ name }) => name === mount.source)?.key ?? mount.source ?? "",
          folder: [mount.volume?.subpath, target.slice(mount.target.replace(/\/$/, "").length + 1)]
            .filter(Boolean)
            .join("/"),
          target,
        })),
    );
  });
}

/** Head mounts nothing over files of base: they are still in their volume, and the app does not see them. */
export function hidesNothing(
  folders: readonly HiddenFolder[],
  resticOf: ResticOf,
  mayLose: Record<string, string> = {},
): CheckFunction {
  return async (context) => {
    const asked = folders.filter(({ key, service }) => !(key in mayLose || service in mayLose));
    const script =
      'for f; do if test -n "$(find "$f" -mindepth 1 -type f 2>/dev/null | head -n 1)"; then echo full; else echo empty; fi; done';
    const places = asked.map(({ volume, folder }) => `${archiveFolder(volume)}/${folder}`);
    const lines = (await resticOf(context).inHelper(["sh", "-c", script, "sh", ...places])).split("\n");
    const hidden = asked.filter((_, index) => lines[index] === "full");
    if (hidden.length > 0) {
      throw new CheckFailure(
        hidden
          .map(
            ({ service, key, folder, target }) =>
              `${service} of head mounts something else at ${target}, over what base has there in volume ${key} (${folder}): the app does not see those files any more. Where nothing of them is needed: mayLose in the recipe's ci.ts`,
          )
          .join("\n"),
      );
    }
    return { summary: `nothing is at ${asked.map(({ target }) => target).join(", ")} in base's volumes` };
  };
}

import { posix } from "node:path";
import type { CanonicalCompose } from "../files/canonical.ts";
import { asRecord, type ComposeFile, servicesOf } from "../files/compose-file.ts";
import { interpolate } from "../files/variables.ts";
import { isBelow } from "./ignored-keys.ts";

/** Where abra has a recipe, and what `~` is, on the machine of an operator. */
const OPERATOR_HOME = "/root";

export interface BindPlace {
  /** Folder that docker/cli was given as the recipe's. */
  checkout: string;
  recipe: string;
  files: readonly ComposeFile[];
  env: Readonly<Record<string, string>>;
}

/**
 * A relative bind, or one that begins with `~`, means a folder of the operator's own machine to abra. docker/cli made
 * it a path of this machine, which the spec must not depend on: this makes it what it would be there.
 * @returns a warning for each that leads out of the recipe
 */
export function moveRelativeBinds(compose: CanonicalCompose, place: BindPlace): string[] {
  const { checkout, recipe, files } = place;
  const folder = posix.dirname(files[0]?.path ?? ".");
  const there = `${OPERATOR_HOME}/.abra/recipes/${recipe}`;
  const sources = new Map(
    relativeSources(place).map((source) => [
      posix.resolve(checkout, folder, source),
      source.startsWith("~") ? OPERATOR_HOME + source.slice(1) : posix.resolve(there, folder, source),
    ]),
  );
  const warnings: string[] = [];
  for (const [key, service] of Object.entries(compose.services ?? {})) {
    for (const mount of service.volumes ?? []) {
      const { type, source = "", target } = mount;
      if (type !== "bind") continue;
      const inside = isBelow(source, checkout);
      const moved = sources.get(source) ?? (inside ? there + source.slice(checkout.length) : undefined);
      if (moved === undefined) continue;
      mount.source = moved;
      // Those inside are told with all else that is odd about a mount.
      if (!inside) warnings.push(`service ${key}: bind mount at ${target} has a source outside the recipe: ${moved}`);
    }
  }
  return warnings;
}

/** The sources of binds that are no absolute path, as they are written, with variables put in. */
function relativeSources({ files, env }: BindPlace): string[] {
  return files
    .flatMap((file) => Object.values(servicesOf(file)))
    .flatMap((service) => asRecord(service).volumes ?? [])
    .map((volume) => {
      if (typeof volume === "string") return interpolate(volume, env).split(":", 1)[0] ?? "";
      const { type, source } = asRecord(volume);
      return type === "bind" && typeof source === "string" ? interpolate(source, env) : "";
    })
    .filter((source) => source !== "" && !source.startsWith("/"));
}

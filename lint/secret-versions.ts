import { asRecord } from "../compose/files/compose-file.ts";
import { declaredAt, versionVariable, writtenName } from "../compose/files/declared.ts";
import { usesIn } from "../compose/files/variables.ts";
import { locate, type Place } from "./places.ts";
import type { RecipeState } from "./recipe-state.ts";

/** A variable in the name of a secret that neither `.env.sample` nor `abra.sh` gives, not even commented out. */
export interface MissingVersion extends Place {
  secret: string;
  variable: string;
}

/** Whether the version of a secret or config is an option, of an overlay that is left out as well: it has no name yet. */
export function isLeftOut(head: RecipeState, kind: "secrets" | "configs", key: string): boolean {
  const variable = versionVariable(writtenName(head.files, kind, key));
  const enabled = (head.env.COMPOSE_FILE || "compose.yml").split(":");
  return (
    variable !== undefined &&
    !Object.hasOwn(head.env, variable) &&
    head.optional.some((entry) => entry.key === variable) &&
    !enabled.includes(declaredAt(head.files, kind, key).file ?? "")
  );
}

/** Whatever a recipe calls its version variables: they are read from the `name:` of each secret. */
export function missingVersions(head: RecipeState): MissingVersion[] {
  const given = new Set([...Object.keys(head.env), ...head.optional.map(({ key }) => key)]);
  return head.files.flatMap((file) =>
    Object.entries(asRecord(asRecord(file.raw).secrets)).flatMap(([secret, definition]) =>
      usesIn(String(asRecord(definition).name ?? ""))
        .filter(({ name, hasDefault }) => !hasDefault && !given.has(name))
        .map(({ name }) => ({ secret, variable: name, ...locate([file], ["secrets", secret, "name"]) })),
    ),
  );
}

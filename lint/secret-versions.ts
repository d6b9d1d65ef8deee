import { asRecord } from "../compose/compose-files.ts";
import { usesIn } from "../compose/variables.ts";
import { locate, type Place } from "./places.ts";
import type { RecipeState } from "./recipe-state.ts";

/** A variable in the name of a secret that neither `.env.sample` nor `abra.sh` gives, not even commented out. */
export interface MissingVersion extends Place {
  secret: string;
  variable: string;
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

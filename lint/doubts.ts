import type { Doubt } from "../compose/convert/doubt.ts";
import { doubtsOf } from "../compose/doubts.ts";
import { filesAt } from "./places.ts";
import type { RecipeState } from "./recipe-state.ts";

const known = new WeakMap<RecipeState, Promise<readonly Doubt[]>>();

/** What docker and abra take of a recipe and nobody means; loading warns of the same. */
export function doubtsIn(head: RecipeState): Promise<readonly Doubt[]> {
  const found = known.get(head) ?? readDoubts(head);
  known.set(head, found);
  return found;
}

async function readDoubts(head: RecipeState): Promise<readonly Doubt[]> {
  const { services, merged = {}, enabled } = head;
  const files = filesAt(enabled, head.files);
  const configs = await Promise.all(
    head.configs.map(async ({ key, file, templateDriver }) => {
      return { key, file, templateDriver, text: (await head.read(file)) ?? "" };
    }),
  );
  return doubtsOf({ services, files, compose: merged, configs });
}

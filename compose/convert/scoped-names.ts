/** Label by which everything of a namespace is found (docker/cli, cli/compose/convert). */
export const NAMESPACE_LABEL = "com.docker.stack.namespace";
/** Label with the image as the recipe writes it (same place). */
export const IMAGE_LABEL = "com.docker.stack.image";

/** A top-level object's name in the Swarm: its own `name:`, or the key scoped by the namespace. */
export function finalName(object: { name?: string } | null | undefined, key: string, namespace: string): string {
  return object?.name || `${namespace}_${key}`;
}

/** The same record with its keys in order, so that equal input gives equal text. */
export function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(byKey));
}

/** Orders the entries of a record by key. */
export function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0;
}

/** An empty list says nothing: undefined keeps what the image has. */
export function nonEmpty<T>(list: T[] | undefined): T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

/**
 * What is declared, by name: any other is an error. Of a plain record it would be undefined, and end as a mistake in
 * code that nobody can place.
 *
 * @param undeclared the error for a name that is none of those
 */
export function onlyDeclared<T>(
  declared: Record<string, T>,
  undeclared: (name: string, names: readonly string[]) => Error,
): Record<string, T> {
  return new Proxy(declared, {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return Reflect.get(target, name);
      throw undeclared(name, Object.keys(target));
    },
  });
}

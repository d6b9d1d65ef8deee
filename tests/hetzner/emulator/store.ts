import { notFound, notUnique } from "./api/api-error.ts";

/** All resources of one kind in a project. */
export class Store<T extends { id: number }> {
  /** What one is called in errors, e.g. `server`. */
  readonly kind: string;
  readonly #byId = new Map<number, T>();

  constructor(kind: string) {
    this.kind = kind;
  }

  all(): T[] {
    return [...this.#byId.values()];
  }

  add(resource: T): T {
    this.#byId.set(resource.id, resource);
    return resource;
  }

  find(id: number): T | undefined {
    return this.#byId.get(id);
  }

  /** @throws ApiError 404 */
  get(id: number): T {
    const resource = this.#byId.get(id);
    if (!resource) throw notFound(`${this.kind} with ID '${id}'`);
    return resource;
  }

  remove(id: number): void {
    this.#byId.delete(id);
  }
}

/** @throws ApiError 409 where another resource of the kind has the name already */
export function assertUniqueName<T extends { id: number; name: string }>(
  store: Store<T>,
  name: string,
  except?: number,
): void {
  if (store.all().some((other) => other.name === name && other.id !== except)) throw notUnique("name");
}

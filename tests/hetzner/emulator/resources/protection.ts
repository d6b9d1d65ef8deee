import { isProtected } from "../api/api-error.ts";
import { deleteProtection } from "../api/fields.ts";
import { created, post, type Route } from "../api/route.ts";
import type { Kind, Resource } from "./kind.ts";

/** What can be kept from being deleted. */
export interface Protected {
  protection: { delete: boolean };
}

/** @throws ApiError 423 */
export function assertUnprotected(resource: Resource & Protected, kind: string): void {
  if (resource.protection.delete) throw isProtected(`${kind} ${resource.id}`);
}

/** The action that sets delete protection. */
export function protectionRoute<T extends Resource & Protected>({ plural, singular, store }: Kind<T>): Route {
  return post(`/${plural}/:id/actions/change_protection`, (call) => {
    const resource = store(call.project).get(call.id());
    const { delete: wanted } = call.json(deleteProtection);
    const target = { type: singular, id: resource.id };
    const change = () => {
      resource.protection.delete = wanted;
    };
    return created({ action: call.project.actions.start("change_protection", [target], change, { locks: [] }) });
  });
}

import type { ServiceSpec } from "../compose/app-spec.ts";
import { convertService } from "../compose/convert/service.ts";
import type { CanonicalCompose } from "../compose/files/canonical.ts";
import { userErrors } from "../lib/errors.ts";

/** The services of merged files, sorted by key; one that loading refuses is left out. */
export function servicesIn(merged: CanonicalCompose, namespace: string): ServiceSpec[] {
  return Object.keys(merged.services ?? {})
    .sort()
    .flatMap((key) => {
      try {
        return [convertService(key, merged, namespace)];
      } catch (error) {
        userErrors(error);
        return [];
      }
    });
}

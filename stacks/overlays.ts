import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { definitionFile } from "../compose/env/app-env.ts";
import { type Duration, humanize, milliseconds } from "../lib/duration.ts";
import { UserError } from "../lib/errors.ts";
import type { Overlay } from "../recipes/define-recipe.ts";

/**
 * An app with what its definition changes for CI alone, and a warning for each change: what passed is not the recipe as
 * published. A service that this version lacks is left alone, since the other one may have it.
 *
 * @throws UserError for an overlay without a reason, or one that changes nothing or can't
 */
export function withOverlays(app: AppSpec, recipe: string, overlays: Readonly<Record<string, Overlay>> = {}): AppSpec {
  const file = definitionFile(recipe);
  const warnings: string[] = [];
  const services = app.services.map((service) => {
    const overlay = overlays[service.key];
    if (!overlay) return service;
    const key = `overlays.${service.key}`;
    const refuse = (message: string, remedy: string) => new UserError(message, { place: { file, key }, remedy });
    const { image, startPeriod, reason } = overlay;
    if (!reason)
      throw refuse("it gives no reason", "say in `reason` why CI may change the recipe here, and until when");
    if (image === undefined && startPeriod === undefined)
      throw refuse("it changes nothing", "give an image or a startPeriod, or take it out");
    const changed: ServiceSpec = { ...service };
    if (image !== undefined) {
      changed.image = image;
      warnings.push(`${file} ${key}.image: ${image} in place of the recipe's ${service.image}: ${reason}`);
    }
    if (startPeriod !== undefined) {
      if (!service.healthcheck) throw refuse("there is no health check that starts", "take out startPeriod");
      if (!isDuration(startPeriod)) throw refuse(`"${startPeriod}" is no duration`, 'write one such as "15 min"');
      changed.healthcheck = { ...service.healthcheck, startPeriod: milliseconds(startPeriod) * 1e6 };
      const own = humanize((service.healthcheck.startPeriod ?? 0) / 1e6);
      warnings.push(`${file} ${key}.startPeriod: ${startPeriod} in place of the recipe's ${own}: ${reason}`);
    }
    return changed;
  });
  return warnings.length === 0 ? app : { ...app, services, warnings: [...app.warnings, ...warnings] };
}

function isDuration(text: Duration): boolean {
  try {
    return milliseconds(text) > 0;
  } catch {
    return false;
  }
}

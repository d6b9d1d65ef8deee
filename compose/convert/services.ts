import { UserError, UserErrors, userErrors } from "../../lib/errors.ts";
import type { ServiceSpec } from "../app-spec.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import { type ComposeFile, fileOf } from "../files/compose-file.ts";
import { locate } from "../files/places.ts";
import { convertService } from "./service.ts";
import { serviceRefusals, togetherRefusals } from "./swarm-refusals.ts";

/**
 * All services of an app, sorted by key.
 * @throws UserErrors with file and line for every service that can't be one, and where none is `app`
 */
export function convertServices(
  compose: CanonicalCompose,
  files: readonly ComposeFile[],
  namespace: string,
): ServiceSpec[] {
  const services: ServiceSpec[] = [];
  const mistakes: UserError[] = [];
  if (!compose.services?.app) {
    const place = { file: files.map(({ path }) => path).join(" + ") };
    const remedy = "abra needs one: name the main service app";
    mistakes.push(new UserError('no service is named "app"', { place, remedy }));
  }
  for (const key of Object.keys(compose.services ?? {}).sort()) {
    try {
      if (!compose.services?.[key]?.image) throw withoutImage(key, files);
      const service = convertService(key, compose, namespace);
      services.push(service);
      mistakes.push(...serviceRefusals(service).map((one) => inFile(one, files, `services.${key}`)));
    } catch (error) {
      mistakes.push(...userErrors(error).map((one) => inFile(one, files, `services.${key}`)));
    }
  }
  mistakes.push(...togetherRefusals(services).map((one) => inFile(one, files, "services")));
  if (mistakes.length > 0) throw new UserErrors(mistakes);
  return services;
}

/** A service that only an overlay has, which is there to change one of another file, has none. */
function withoutImage(key: string, files: readonly ComposeFile[]): UserError {
  const written = fileOf(files, `services.${key}.image`);
  const remedy = written
    ? "give it a value"
    : "write its image, or correct the service's name if it is meant to change that of another file";
  return new UserError("has no image", {
    place: { key: written ? `services.${key}.image` : `services.${key}` },
    remedy,
  });
}

/** The conversion knows keys alone; a maintainer wants file and line as well. */
function inFile(error: UserError, files: readonly ComposeFile[], service: string): UserError {
  const { message, remedy, place } = error;
  if (place?.file) return error;
  const key = place?.key ?? service;
  const file = fileOf(files, key);
  const written = locate(
    files.filter(({ path }) => file === undefined || path === file),
    key.split("."),
  );
  return new UserError(message, { remedy, place: { ...written, key }, cause: error });
}

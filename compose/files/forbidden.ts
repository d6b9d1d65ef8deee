import { UserError } from "../../lib/errors.ts";
import { asRecord, type ComposeFile, servicesOf } from "./compose-file.ts";
import { locate } from "./places.ts";

/** Keys docker/cli refuses, without saying where they are (cli/compose/types: ForbiddenProperties), and what to do. */
const FORBIDDEN: Record<string, string> = {
  extends: "write the service out, or use an overlay file",
  volume_driver: "set the driver under the top-level volumes",
  volumes_from: "mount a named volume in both services",
  cpu_quota: "use deploy.resources",
  cpu_shares: "use deploy.resources",
  cpuset: "use deploy.resources",
  mem_limit: "use deploy.resources",
  memswap_limit: "use deploy.resources",
};

/** A mistake for every key that no Swarm service can have. */
export function forbiddenKeys(files: readonly ComposeFile[]): UserError[] {
  return files.flatMap((file) =>
    Object.entries(servicesOf(file)).flatMap(([service, value]) =>
      Object.keys(asRecord(value))
        .filter((key) => Object.hasOwn(FORBIDDEN, key))
        .map((key) => {
          const place = { ...locate([file], ["services", service, key]), key: `services.${service}.${key}` };
          return new UserError("is forbidden in a Swarm", { place, remedy: FORBIDDEN[key] });
        }),
    ),
  );
}

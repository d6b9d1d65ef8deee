import type { ServiceSpec } from "../app-spec.ts";
import type { Doubt } from "../convert/doubt.ts";
import { imageName } from "../convert/image-name.ts";
import { isServer } from "./databases.ts";

/** Servers that keep their data in memory, and write it into their volume by themselves. */
const IN_MEMORY = /(^|[/_-])(redis|valkey|keydb)($|[/_-])/;

/**
 * Databases of which two servers get one volume: for good where the service has several replicas, and for the time of
 * an update where the new task starts first. PostgreSQL takes the other's lock for one that was left behind, as both
 * are process 1 of their containers; MariaDB waits for the lock until its start fails; Redis writes over the other's
 * file.
 */
export function dataDoubts(services: readonly ServiceSpec[]): Doubt[] {
  return services.flatMap((service): Doubt[] => {
    const { key, image, mode, mounts, updateConfig } = service;
    const isMeant = isServer(service) || IN_MEMORY.test(imageName(image).name);
    // One that is named by the task, `data-{{.Task.Slot}}`, is a volume for each.
    const volume = mounts.find(({ type, source, readOnly }) => type === "volume" && isShared(source) && !readOnly);
    if (!isMeant || !volume) return [];
    const at = (...path: string[]) => ["services", key, "deploy", ...path];
    const what = `service ${key} (${image})`;
    if (mode.kind === "replicated" && mode.replicas > 1) {
      const message = `${what} has ${mode.replicas} replicas, and all of one node have their data in one volume`;
      return [{ kind: "data", path: at("replicas"), message, remedy: "write replicas: 1", fails: true }];
    }
    if (updateConfig?.order !== "start-first") return [];
    const message = `${what} is updated start-first: two servers have one volume for a while`;
    return [{ kind: "data", path: at("update_config", "order"), message, remedy: "write order: stop-first" }];
  });
}

function isShared(source: string | undefined): boolean {
  return source !== undefined && source !== "" && !source.includes("{{");
}

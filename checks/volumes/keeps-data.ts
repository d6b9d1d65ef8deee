import type { ServiceSpec } from "../../compose/app-spec.ts";
import { endsByItself } from "../../compose/convert/lasting.ts";
import { writtenBelow } from "../../swarm/container-insides.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer, standingServices } from "../container.ts";
import { isBrought, isScratchPath } from "./brought.ts";
import { containerFile } from "./container-file.ts";
import { keptInMemory } from "./kept-in-memory.ts";
import { leadsOut } from "./leads-out.ts";

/** What has each of these in its first bytes: SQLite's file format, 1.3; bbolt's page of meta data; H2's store. */
const KINDS = { sqlite: "SQLite format 3\0", bbolt: "\xed\xda\x0c\xed", H2: "H:2,block" };
/** What those are called who keep data in them. */
const NAMED_SO = /\.(db|db3|sqlite|sqlite3|bolt)$/i;
/** Files of a container that are opened, at most. */
const MOST = 20;

/**
 * What the app writes for good lies in volumes that have a name. Swarm makes a new container for each update, with a
 * new volume where the recipe names none; and what lies in no volume at all goes with the old one.
 */
export function keepsData(mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const problems = await dataWithoutName(context, mayLose);
    if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
    return { summary: "nothing that must last lies in a container, or in a volume without a name" };
  };
}

/** The same, a sentence for each place that goes with its container. @param mayLose reasons, by key of a service */
export async function dataWithoutName(context: CheckContext, mayLose: Record<string, string> = {}): Promise<string[]> {
  const concerned = context.app.services.filter((one) => !endsByItself(one) && !(one.key in mayLose));
  const services = await standingServices(context.swarm, concerned);
  const found = await Promise.all(
    services.flatMap((service) => [inContainer(context, service), keptInMemory(context, service)]),
  );
  return [...services.flatMap(nameless), ...found.flat()];
}

/** Volumes that a service mounts without a name. */
export function nameless({ key, mounts }: ServiceSpec): string[] {
  return mounts
    .filter(
      ({ type, source, target, readOnly }) =>
        type === "volume" && source === undefined && !readOnly && !isScratchPath(target),
    )
    .map(
      ({ target }) =>
        `${key} mounts a volume without a name at ${target}: each new container of it begins with an empty one, so an update loses what is there. Name the volume; where it may be lost: mayLose in the recipe's ci.ts`,
    );
}

async function inContainer(context: CheckContext, service: ServiceSpec): Promise<string[]> {
  const { key, name } = service;
  const container = await runningContainer(context.swarm, name, "recipe", context.signal);
  const written = await writtenBelow(container, "");
  const files = written.filter((path) => NAMED_SO.test(path) && !isScratchPath(path)).slice(0, MOST);
  const found: { path: string; kind: string }[] = [];
  for (const path of files) {
    const kind = embeddedDatabase((await containerFile(container, path)).text);
    if (kind) found.push({ path, kind });
  }
  const brought = written.filter((path) => isBrought(path)).slice(0, MOST);
  for (const path of brought) {
    if (!(await containerFile(container, path)).isFile) continue;
    found.push({ path, kind: "" });
    break;
  }
  const byLink = found.length > 0 ? [] : await leadsOut(context, service, container, written);
  const inLayer = found.map(
    ({ path, kind }) =>
      `${key} keeps ${kind ? `the database ${path} (${kind})` : path} in its container, in no volume: each update loses it. Mount a volume there; where it may be lost: mayLose in the recipe's ci.ts`,
  );
  return [...inLayer, ...byLink];
}

/** What a file is a database of, by its first bytes, each a character; undefined where it is none. */
export function embeddedDatabase(bytes: string): string | undefined {
  return Object.entries(KINDS).find(([, mark]) => bytes.includes(mark))?.[0];
}

import type { ServiceSpec } from "../../compose/app-spec.ts";
import { alwaysRuns } from "../../compose/convert/lasting.ts";
import { type ProcessUsers, processUsers } from "../../swarm/container-insides.ts";
import type { CheckContext } from "../check.ts";
import { runningContainer } from "../container.ts";

/** What a line begins with that tells whom a service's processes run as: its key, and their numbers. */
const USERS = "W ";

/** Whom the processes of services with volumes run as, a line for each. What can't be asked is left out. */
export async function userLines({ app, swarm, signal }: CheckContext): Promise<string> {
  const writes = ({ mounts }: ServiceSpec) => mounts.some(({ type, readOnly }) => type === "volume" && !readOnly);
  const asked = app.services
    .filter((one) => alwaysRuns(one) && writes(one))
    .map(async ({ key, name }) => {
      const users = await runningContainer(swarm, name, "infra", signal)
        .then(processUsers)
        .catch(() => undefined);
      return users && users.uids.size > 0 ? `${USERS}${key}\t${[...users.uids].join(",")}\n` : "";
    });
  return (await Promise.all(asked)).join("");
}

/** What {@link userLines} wrote down, by the key of a service. */
export function usersIn(note: string): ReadonlyMap<string, ReadonlySet<number>> {
  const lines = note.split("\n").filter((line) => line.startsWith(USERS));
  return new Map(
    lines.map((line) => {
      const [key = "", uids = ""] = line.slice(USERS.length).split("\t");
      return [key, new Set(uids.split(",").map(Number))];
    }),
  );
}

/** What a service's processes ran as, and no longer do, and who of head's writes instead. */
export interface ChangedUsers {
  gone: ReadonlySet<number>;
  /** Without root, where a process of root's only watches others, as that of a web server does. */
  now: ProcessUsers;
}

/**
 * How the users of processes changed, where one took another's place; undefined where none did. Whom an entry point
 * drops to stands in neither recipe nor image.
 */
export function changedUsers(before: ReadonlySet<number>, { uids, gids }: ProcessUsers): ChangedUsers | undefined {
  const gone = new Set([...before].filter((uid) => !uids.has(uid)));
  const fresh = new Set([...uids].filter((uid) => uid !== 0 && !before.has(uid)));
  if (gone.size === 0 || fresh.size === 0) return undefined;
  return { gone, now: { uids: new Set([...uids].filter((uid) => uid !== 0)), gids } };
}

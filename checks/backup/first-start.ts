import type { BackupHook } from "../../compose/labels/backup-labels.ts";
import { isDatabase } from "../../compose/labels/databases.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import { asInfra } from "../../swarm/client.ts";
import type { CheckContext } from "../check.ts";
import { runningContainer } from "../container.ts";
import { namedService } from "../named-service.ts";

/** What official images of databases start with, and become the server of once its folder is filled. */
const ENTRY_POINT = /entrypoint\.sh/;

/**
 * Waits until the databases that hooks run in are past the first start on empty volumes. Official images fill those by a
 * server of the moment, on a socket alone, which health checks take for the real one, and end it a second later. Nobody
 * restores in that second but a machine. Where the entry point stays for ever, the wait ends by itself.
 */
export async function pastFirstStart(context: CheckContext, hooks: readonly BackupHook[]): Promise<void> {
  const keys = [...new Set(hooks.map(({ service }) => service))];
  for (const key of keys) {
    const { image, name } = namedService(context.app, key);
    if (!isDatabase(image)) continue;
    const { engine, id } = await runningContainer(context.swarm, name, "recipe", context.signal);
    const look = async () => {
      const top: { Processes: string[][] } = await asInfra(
        engine,
        engine.docker.getContainer(id).top({ ps_args: "-eo pid,ppid,args" }),
      );
      return ENTRY_POINT.test(mainProgram(top.Processes))
        ? ({ done: false, reason: "its entry point goes on" } as const)
        : ({ done: true, value: undefined } as const);
    };
    await until(look, {
      what: `first start of ${name}`,
      deadline: "20 s",
      owner: "recipe",
      every: "200 ms",
      signal: context.signal,
    }).catch((error) => {
      if (!(error instanceof DeadlineError)) throw error;
    });
  }
}

/** The command line of the first process of a container: the one whose parent is none of its own. */
export function mainProgram(processes: readonly (readonly string[])[]): string {
  const pids = processes.map(([pid]) => pid);
  return (
    processes
      .find(([, parent]) => !pids.includes(parent))
      ?.slice(2)
      .join(" ") ?? ""
  );
}

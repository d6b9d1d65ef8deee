import type { AppSpec } from "../../compose/app-spec.ts";
import { hasContainers } from "../../compose/convert/lasting.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";

/** Folders of a node that hold nothing of an app's own, and what is no folder. */
const OF_THE_NODE =
  /^\/(dev|proc|sys|run|var\/run|etc|lib|usr|boot|tmp|var\/lib\/docker|var\/log)(\/|$)|\.sock(et)?$|^\/$/;

/**
 * What an app keeps in folders of its node alone, where labels switch a backup on: that backs up volumes, and so holds
 * nothing. A sentence each.
 *
 * @param mayLose reasons, by key of a service, why nothing of it is needed
 */
export function keptOnNode(app: AppSpec, mayLose: Record<string, string> = {}): string[] {
  if (!backupPlan(app).enabled || app.volumes.length > 0) return [];
  return app.services
    .filter((service) => hasContainers(service) && !(service.key in mayLose))
    .flatMap(({ key, mounts }) =>
      mounts
        .filter(({ type, source = "/", readOnly }) => type === "bind" && !readOnly && !OF_THE_NODE.test(source))
        .map(
          ({ source, target }) =>
            `the labels switch a backup on, and ${key} keeps what it writes in the node's folder ${source} (${target}): backup-bot-two backs up volumes alone. Mount a named volume; where operators back the folder up: noBackup in the recipe's ci.ts`,
        ),
    );
}

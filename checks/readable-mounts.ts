import type { AppSpec, FileReference, ServiceSpec } from "../compose/app-spec.ts";
import { alwaysRuns } from "../compose/convert/lasting.ts";
import { type MisplacedSecret, misplacedSecrets } from "../compose/objects/secret-paths.ts";
import { spokenMode } from "../lib/swarm/spoken-mode.ts";
import { type ProcessUsers, processUsers, startUser } from "../swarm/container-insides.ts";
import type { CheckFunction } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { runningContainer } from "./container.ts";
import { permits } from "./volumes/owners.ts";

/** A service of which it has to be asked whether it reads what is meant for it. */
interface Guarded {
  service: ServiceSpec;
  /** Secrets and configs that not everybody may read. */
  files: FileReference[];
  /** Secrets that it is told of, and others mount. */
  misplaced: MisplacedSecret[];
}

const READABLE_BY_ALL = 0o004;

/** The services of which it has to be asked whether they may read what is mounted for them. */
export function guardedMounts({ services }: Pick<AppSpec, "services">): Guarded[] {
  return services.filter(alwaysRuns).flatMap((service) => {
    const files = [...service.secrets, ...service.configs].filter(({ mode }) => (mode & READABLE_BY_ALL) === 0);
    const misplaced = misplacedSecrets(service, services);
    return files.length + misplaced.length > 0 ? [{ service, files, misplaced }] : [];
  });
}

/**
 * Each service may read the secrets and configs that it mounts. Many programs go on without one, and without a word: with
 * an empty password, or the settings that they come with. Where root starts it nothing can be told: it may have read them
 * before another went on.
 */
export function readsMounts(guarded: readonly Guarded[]): CheckFunction {
  return async ({ swarm, signal }) => {
    const problems: string[] = [];
    for (const { service, files, misplaced } of guarded) {
      problems.push(...misplaced.map((one) => notThere(service.key, one)));
      if (files.length === 0) continue;
      const container = await runningContainer(swarm, service.name, "recipe", signal);
      if (isRoot(await startUser(container))) continue;
      const users = await processUsers(container);
      problems.push(
        ...files.filter((file) => !mayRead(users, file)).map((file) => unreadable(service.key, file, users)),
      );
    }
    if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
    return {
      summary: guarded
        .map(({ service, files }) => `${service.key}: ${files.map(({ key }) => key).join(", ")}`)
        .join("; "),
    };
  };
}

function notThere(service: string, { variable, path, mountedIn }: MisplacedSecret): string {
  return `${variable} of ${service} names ${path}, which ${mountedIn.join(" and ")} alone can read: add the secret to those of ${service}`;
}

function isRoot(user: string): boolean {
  return ["", "0", "root"].includes(user.split(":")[0] ?? "");
}

/** Whether one of these may read what is mounted. */
export function mayRead(users: ProcessUsers, { uid, gid, mode }: Pick<FileReference, "uid" | "gid" | "mode">): boolean {
  return permits(users, { uid: Number(uid), gid: Number(gid), mode }, "read");
}

function unreadable(service: string, { key, uid, gid, mode }: FileReference, { uids }: ProcessUsers): string {
  const who = [...uids].join(", ");
  return `${service} can't read ${key}, which is mounted for it: it belongs to ${uid}:${gid}, mode ${spokenMode(mode)}, and the processes run as ${who}. Write uid: "${[...uids][0]}" beside its mode, or mode: 0444`;
}

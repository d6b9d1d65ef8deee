import { UserError } from "../../lib/errors.ts";

/** A bucket in which the backups of runs lie instead of on the node. */
export interface BackupStore {
  /** As restic names it, without a slash at its end: `s3:https://s3.example.org/bucket/folder`. */
  url: string;
  /** What opens it. */
  keys: { id: string; secret: string };
}

/** Key of a node's settings, and the variable that hands it on, of where the bucket is. */
export const STORE = { key: "backupStore", variable: "RECIPE_CI_BACKUP_STORE" } as const;

/** The same of what opens it, `ID:SECRET`: a secret. */
export const STORE_KEYS = { key: "backupStoreKeys", variable: "RECIPE_CI_BACKUP_STORE_KEYS" } as const;

const URL_FORM = /^s3:https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9._-]+)+$/;

/**
 * The store that this process's environment names; undefined where backups lie on the node.
 *
 * @throws UserError for what is none, without a word of what opens it
 */
export function backupStore(env: NodeJS.ProcessEnv = process.env): BackupStore | undefined {
  const url = env[STORE.variable]?.replace(/\/+$/, "");
  if (!url) return undefined;
  if (!URL_FORM.test(url))
    throw new UserError(`"${url}" is no place for backups`, {
      place: { key: `recipe-ci:${STORE.key}` },
      remedy: "name a bucket as restic does: s3:https://s3.example.org/bucket/folder",
    });
  const [, id, secret] = /^([^:\s]+):(\S+)$/.exec(env[STORE_KEYS.variable] ?? "") ?? [];
  if (id && secret) return { url, keys: { id, secret } };
  throw new UserError("is not set, or not in the form ID:SECRET", {
    place: { key: `recipe-ci:${STORE_KEYS.key}` },
    remedy: `npx recipe-ci pulumi config set --secret ${STORE_KEYS.key}`,
  });
}

/** The repository of a run, in its own folder. */
export function repositoryIn({ url }: BackupStore, run: string): string {
  return `${url}/${run}`;
}

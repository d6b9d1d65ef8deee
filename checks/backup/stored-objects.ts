import { AwsClient } from "aws4fetch";
import { InfraError } from "../../lib/errors.ts";
import { type BackupStore, backupStore, repositoryIn, STORE } from "./store.ts";

/** Lists that may still show something after it was deleted: a store of several servers takes a moment. */
const ROUNDS = 5;

/** Whether a run has a repository in a store. @throws InfraError with what the store says */
export async function isStored(store: BackupStore, run: string): Promise<boolean> {
  return (await list(store, run)).length > 0;
}

/**
 * Takes a run's repository away, object by object: restic has no command for it, and keeps its keys when the last
 * snapshot goes. Proves that nothing is left.
 *
 * @throws InfraError with what the store says
 */
export async function removeStored(store: BackupStore, run: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const keys = await list(store, run);
    if (keys.length === 0) return;
    for (const key of keys) await ask(store, run, "DELETE", `/${key.split("/").map(encodeURIComponent).join("/")}`);
  }
  throw new InfraError(`the backup store still has objects of ${run}: ${repositoryIn(store, run)}`);
}

/**
 * The same for a store that a run has used, whatever this process's settings say by now of where backups lie.
 *
 * @throws UserError where they don't say what opens it; InfraError with what the store says
 */
export async function removeStoredAt(url: string, run: string): Promise<void> {
  const store = backupStore({ ...process.env, [STORE.variable]: url });
  if (store) await removeStored(store, run);
}

/** A page of a run's objects; what is on the next ones is on the first once these are gone. */
async function list(store: BackupStore, run: string): Promise<string[]> {
  const { folder } = placeOf(store, run);
  const text = await ask(store, run, "GET", `?list-type=2&prefix=${encodeURIComponent(`${folder}/`)}`);
  // Restic's names need no escapes.
  return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
}

async function ask(store: BackupStore, run: string, method: "GET" | "DELETE", path: string): Promise<string> {
  const { id: accessKeyId, secret: secretAccessKey } = store.keys;
  const { origin, bucket } = placeOf(store, run);
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3" });
  const answer = await client.fetch(`${origin}/${bucket}${path}`, { method }).catch((error: Error) => {
    throw new InfraError(`the backup store at ${origin} does not answer: ${error.message}`, { cause: error });
  });
  const text = await answer.text();
  if (answer.ok || (method === "DELETE" && answer.status === 404)) return text;
  const said = /<Message>([^<]+)</.exec(text)?.[1] ?? answer.statusText;
  throw new InfraError(`the backup store at ${origin}: ${answer.status}, ${said}`);
}

function placeOf(store: BackupStore, run: string): { origin: string; bucket: string; folder: string } {
  const { origin, pathname } = new URL(repositoryIn(store, run).replace(/^s3:/, ""));
  const [, bucket = "", ...folders] = pathname.split("/");
  return { origin, bucket, folder: folders.join("/") };
}

import { gunzipSync } from "node:zlib";
import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { plural } from "../../lib/plural.ts";
import type { CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Restic } from "../restic.ts";
import { backedUpPaths, labelledPaths } from "../volumes/backed-up.ts";
import { within } from "../volumes/keeps-volumes.ts";
import { hookNames } from "./hooks.ts";

/**
 * What the labels name lies where they say, once the hooks that make it have run.
 * @throws CheckFailure that names each label whose path is not there
 */
export async function assertDumpsMade(plan: BackupPlan, restic: Restic): Promise<void> {
  const paths = labelledPaths(plan);
  if (paths.length === 0) return;
  const script = 'for path; do test -e "$path" || printf "%s\\n" "$path"; done';
  const missing = (await restic.inHelper(["sh", "-c", script, "sh", ...paths.map(({ place }) => place)])).split("\n");
  const lost = paths.filter(({ place }) => missing.includes(place));
  if (lost.length === 0) return;
  const hooks = hookNames(plan.preHooks);
  const why = hooks ? `${hooks} succeeded, and wrote it elsewhere or not at all` : "no hook makes it";
  throw new CheckFailure(
    lost
      .map(
        ({ label, path, volume }) =>
          `no backup holds "${path}", which ${label} names: volume ${volume} has none; ${why}`,
      )
      .join("\n"),
  );
}

/** What the labels name is in the snapshot; and where it is a file, there is something in it, archives unpacked. */
export function snapshotHoldsDumps(resticOf: ResticOf): CheckFunction {
  return async (context) => {
    const paths = labelledPaths(backupPlan(context.app));
    const restic = resticOf(context);
    const entries = await restic.list(
      context.run,
      paths.map(({ place }) => place),
    );
    const problems: string[] = [];
    for (const { label, path, place } of paths) {
      const entry = entries.find((one) => one.path === place);
      if (!entry) problems.push(`the snapshot has no "${path}", which ${label} names`);
      else if (entry.type === "symlink" && !(await leadsInto(restic, place, backedUpPaths(backupPlan(context.app)))))
        problems.push(
          `"${path}", which ${label} names, is a link: the snapshot has that alone, and nothing of what it leads to`,
        );
      else if (entry.type === "file" && (await isEmpty(restic, context.run, place, entry.size ?? 0)))
        problems.push(`"${path}", which ${label} names, is in the snapshot and empty: nothing can be restored from it`);
    }
    if (problems.length > 0) {
      const hint =
        "; where a hook is a script with a pipe, set -o pipefail in it makes it fail with what feeds the pipe";
      throw new CheckFailure(`${problems.join("\n")}${problems.some((one) => one.includes("empty")) ? hint : ""}`);
    }
    return { summary: `${plural(paths.length, "path")}: ${paths.map(({ path }) => path).join(", ")}` };
  };
}

/** Whether what a link leads to is in the backup by itself. */
async function leadsInto(restic: Restic, link: string, paths: readonly string[]): Promise<boolean> {
  const target = (await restic.inHelper(["readlink", "-f", link])).trim();
  return paths.some((path) => path !== link && within(target, path));
}

/** Larger than any archive of nothing. */
const SMALL = 512;

async function isEmpty(restic: Restic, tag: string, place: string, size: number): Promise<boolean> {
  if (size === 0) return true;
  if (size > SMALL) return false;
  return holdsNothing(await restic.dumpBytes(tag, place));
}

/** Whether bytes are a gzip, bzip2, xz or zstd archive of nothing: what is left of a pipe whose first program failed. */
export function holdsNothing(bytes: Buffer): boolean {
  const magic = bytes.subarray(0, 4).toString("hex");
  if (magic.startsWith("1f8b")) return unpacked(bytes)?.length === 0;
  if (magic.startsWith("425a68")) return bytes.length === 14;
  if (magic === "fd377a58") return bytes.length === 32;
  return magic === "28b52ffd" && bytes.length <= 13;
}

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: 1 << 20 });
  } catch {
    return undefined; // Cut off, or no archive at all: the restore shows it.
  }
}

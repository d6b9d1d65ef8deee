import type { AppSpec } from "../../compose/app-spec.ts";
import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Restic } from "../restic.ts";
import { labelledPaths } from "../volumes/backed-up.ts";
import { UNREAD } from "../volumes/unread.ts";
import { hookNames } from "./hooks.ts";

// What has gone, or is another file now, was used. Where the kernel writes no times of access, nobody can tell.
const MARK = `for path; do test ! -e "$path" || find "$path" -xdev -type f -exec touch -a -d @${UNREAD} {} + || true; done`;
const LOOK = `for path; do
  test -e "$path" || continue
  times="$(find "$path" -xdev -type f -exec stat -c %X {} +)"
  test -n "$times" || continue
  if printf "%s\\n" "$times" | grep -qv "^${UNREAD}$"; then continue; fi
  first="$(find "$path" -xdev -type f -size +0c | head -n 1)"
  head -c 1 "$first" > /dev/null
  test "$(stat -c %X "$first")" = ${UNREAD} || printf "%s\\n" "$path"
done`;

/**
 * Runs the hooks that come after a restore, and sees that they read the dumps: one whose file is called otherwise, whose
 * `|| true` hides that, or that writes the dump once more, ends with 0 as well. Reading is told by the files' own times
 * of access.
 *
 * @param dumps paths, as labels have them, that hooks of the backup wrote
 * @throws CheckFailure that names what nothing read
 */
export async function readsDumps(
  app: AppSpec,
  restic: Restic,
  dumps: readonly string[],
  run: () => Promise<void>,
): Promise<void> {
  const plan = backupPlan(app);
  const places = labelledPaths(plan).filter(({ path }) => dumps.includes(path));
  if (places.length === 0) return run();
  const paths = places.map(({ place }) => place);
  await restic.inHelper(["sh", "-c", MARK, "sh", ...paths]);
  await run();
  const unread = (await restic.inHelper(["sh", "-c", LOOK, "sh", ...paths])).split("\n");
  const left = places.filter(({ place }) => unread.includes(place)).map(({ path }) => path);
  if (left.length > 0) throw new CheckFailure(`${left.join(", ")}: ${sentence(plan)}`);
}

function sentence({ preHooks, restorePreHooks, restorePostHooks }: BackupPlan): string {
  const hooks = hookNames([...restorePreHooks, ...restorePostHooks]);
  return `${hooks} ended with 0 and read nothing of it: what ${hookNames(preHooks)} wrote is restored as a file, and none of it comes back into the app`;
}

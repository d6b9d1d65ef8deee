import type { BackupPlan } from "../../compose/labels/backup-labels.ts";
import type { Restic } from "../restic.ts";
import { backedUpPaths } from "../volumes/backed-up.ts";
import { ARCHIVE_MARKS, MARKS } from "./dump-marks.ts";
import { BEGAN } from "./hook-output.ts";

/** Files that hooks wrote, and marks of one, that are read at most. */
const MOST = 2000;
const MOST_MARKS = 5000;

/**
 * Shell function that prints the marks of a dump, each once, and what is amiss with it: one that its program did not
 * write to the end has a beginning more than ends. `mysqldump` ends with a comment, and with a setting where that is
 * filtered away. A packed dump is read as what is in it.
 */
export const MARKS_OF = `marks_of() {
  case "$(head -c 5 "$1" | od -An -tx1 | tr -d ' \\n')" in
    1f8b*) unpack="gzip -dc" ;;
    425a68*) unpack="bzip2 -dc" ;;
    fd377a58*) unpack="xz -dc" ;;
    28b52ffd*) unpack="zstd -dc" ;;
    *) unpack=cat ;;
  esac
  if [ "$($unpack < "$1" 2>/dev/null | head -c 5)" = PGDMP ]; then
    $unpack < "$1" 2>/dev/null | LC_ALL=C tr '\\000\\n' '~|' | LC_ALL=C grep -aoE -- '${ARCHIVE_MARKS}'
  else
    $unpack < "$1" 2>/dev/null | LC_ALL=C grep -aoE -- '${MARKS}'
  fi | LC_ALL=C awk -v name="\${1##*/}" '
    /^-- PostgreSQL database( cluster)? dump$/ { postgres++ }
    /^-- PostgreSQL database( cluster)? dump complete$/ { postgres-- }
    /^-- (MySQL|MariaDB) dump$/ { began++ }
    /^-- Dump completed/ { ended++ }
    /SET SQL_NOTES=@OLD_SQL_NOTES/ { reset++ }
    !seen[$0]++ { if (count++ < ${MOST_MARKS}) print; else more = 1 }
    END {
      if (more) print "= more"
      if (postgres > 0 || (began > ended && began > reset)) print "= cut off " name
    }'
}`;

// What the hooks wrote, where labels or its name say that it is a dump.
const READ = `${MARKS_OF}
is_dump() {
  case "\${1##*/}" in *.sql* | *dump* | *backup* | toc.dat) return 0 ;; esac
  case "$1" in *dump*/*) return 0 ;; esac
  one="$1"; shift
  for path; do test "$one" != "$path" || return 0; done
  return 1
}
list=/recipe-ci-hooks-wrote
for path; do test ! -e "$path" || find "$path" -xdev -type f -newer ${BEGAN}; done | grep "^/" | head -n ${MOST} > "$list"
test "$(wc -l < "$list")" -lt ${MOST} || echo "= more"
sed "s/.*\\//= file /" "$list"
while IFS= read -r file; do if is_dump "$file" "$@"; then marks_of "$file"; fi; done < "$list"`;

/** What the hooks of a backup wrote into it: what dumps among it say they hold, and names of files. */
export async function readMarks(plan: BackupPlan, restic: Restic, paths = backedUpPaths(plan)): Promise<string[]> {
  const text = await restic.inHelper(["sh", "-c", READ, "sh", ...paths]);
  return [...new Set(text.split("\n").filter(Boolean))];
}

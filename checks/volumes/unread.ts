/** Endings of names: of files of sqlite's, and of small texts that hold data. */
const DATABASES = "db|db3|sqlite|sqlite3";
const TEXTS = "json|jsonl|ndjson|csv|tsv|txt|md|dat|data|list|ldif|ics|vcf";
/** What files of data are called (grep -iE). */
export const TEXT_NAMES = `\\.(${TEXTS})$`;
export const DATABASE_NAMES = `\\.(${DATABASES})$`;
const DATA = `\\.(${DATABASES}|${TEXTS})$`;
/** The same of a path. */
export const IS_DATA = new RegExp(DATA, "i");
export const IS_DATABASE = new RegExp(DATABASE_NAMES, "i");

/** A time of access that no file has by itself, in seconds. */
export const UNREAD = 86_400;
/** Files that are watched, at most. */
const MOST = 200;

const touch = `tr "\\n" "\\0" | xargs -0 -r touch -a -d @${UNREAD} 2>/dev/null`;

/**
 * Shell text that marks files of `$list`, those of data first, as read by nobody, and writes down which they are. It comes
 * after whatever reads them.
 */
export const MARK_UNREAD = `{ grep -iE "${DATA}" "$list"; grep -viE "${DATA}" "$list"; } | head -n ${MOST} > "$NOTED-marked"
tr "\\n" "\\0" < "$NOTED-marked" | xargs -0 -r stat -c "%i %n" > "$NOTED-inodes" 2>/dev/null
${touch.replace("tr ", 'cat "$NOTED-marked" | tr ')}`;

/**
 * Shell text that tells which files of the note are still so, as `U path`, none that has two names; and nothing where
 * the kernel keeps no times of access, as a read of our own shows. It comes before whatever reads them.
 */
export const LOOK_UNREAD = `unread="$NOTED-unread"
sed -n "s/^F //p" "$NOTED" | grep -iE "${DATA}" | head -n ${MOST} | tr "\\n" "\\0" | xargs -0 -r stat -c "%X %h %n" 2>/dev/null | sed -n "s/^${UNREAD} 1 /U /p" > "$unread"
if test -s "$unread"; then
  first="$(sed -n "1s/^U //p" "$unread")"
  head -c 1 "$first" > /dev/null
  test "$(stat -c %X "$first")" != ${UNREAD} || : > "$unread"
  cat "$unread"
fi`;

/**
 * Shell text that tells which of the marked files lie elsewhere now, and were not read since, as `V old path<tab>path`. It
 * comes before whatever reads them.
 */
export const LOOK_MOVED = `moved="$NOTED-moved"; : > "$moved"
if test -s "$NOTED-inodes"; then
  for root; do test ! -d "$root" || find "$root" -xdev -type f -size +0c 2>/dev/null; done | head -n 20000 | tr "\\n" "\\0" |
  xargs -0 -r stat -c "%i %X %h %n" 2>/dev/null | sed -n "s/^\\([0-9]*\\) ${UNREAD} 1 /\\1 /p" > "$NOTED-still"
  awk 'NR == FNR { id = $1; sub(/^[0-9]+ /, ""); was[id] = $0; next }
    { id = $1; sub(/^[0-9]+ /, ""); if (id in was && was[id] != $0) print "V " was[id] "\\t" $0 }' "$NOTED-inodes" "$NOTED-still" > "$moved"
fi
if test -s "$moved"; then
  first="$(sed -n "1s/^V .*\\t//p" "$moved")"
  head -c 1 "$first" > /dev/null
  test "$(stat -c %X "$first")" != ${UNREAD} || : > "$moved"
  cat "$moved"
fi`;

/** Shell text that marks them again, once they were looked at. */
export const MARK_AGAIN = `{ sed -n "s/^U //p" "$unread"; sed -n "s/^V .*\\t//p" "$moved"; } | ${touch}`;

/** Databases whose own client a seed can be written by. */
export type SqlKind = "mariadb" | "postgres" | "sqlite";

/** How the client of a database is called, and what it says. */
interface SqlClient {
  /** Shell text; its arguments are the file with the password or nothing, the user and the database. Takes SQL. */
  script: string;
  write(name: string, value: string): string;
  read(name: string): string;
  /** What it says where the database or its table is not there. */
  gone: RegExp;
}

const TABLE = "CREATE TABLE IF NOT EXISTS ci_marker (name VARCHAR(64) PRIMARY KEY, value VARCHAR(255) NOT NULL);";
const read = (name: string) => `SELECT value FROM ci_marker WHERE name = ${quoted(name)};\n`;

export const CLIENTS: Record<SqlKind, SqlClient> = {
  // Of MariaDB 11 on there is no mysql in its image, and of MySQL no mariadb.
  mariadb: {
    script: `[ -z "$1" ] || { MYSQL_PWD="$(cat "$1")" && export MYSQL_PWD; }
exec "$(command -v mariadb || command -v mysql)" --user="$2" --batch --skip-column-names "$3"`,
    write: (name, value) => `${TABLE}\nREPLACE INTO ci_marker VALUES (${quoted(name)}, ${quoted(value)});\n`,
    read,
    gone: /^ERROR (1146|1049) /m,
  },
  postgres: {
    script: `[ -z "$1" ] || { PGPASSWORD="$(cat "$1")" && export PGPASSWORD; }
exec psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --username="$2" --dbname="$3"`,
    write: (name, value) =>
      `SET client_min_messages = warning;\n${TABLE}\nINSERT INTO ci_marker VALUES (${quoted(name)}, ${quoted(value)}) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value;\n`,
    read,
    gone: /(relation "ci_marker"|database ".*") does not exist/,
  },
  sqlite: {
    script: 'test -e "$3" || { echo "no such file: $3" >&2; exit 1; }; exec sqlite3 -batch "$3"',
    write: (name, value) =>
      `PRAGMA busy_timeout = 5000;\n${TABLE}\nINSERT OR REPLACE INTO ci_marker VALUES (${quoted(name)}, ${quoted(value)});\n`,
    read,
    gone: /no such (table: ci_marker|file: )/,
  },
};

/** Text within single quotes of SQL. A backslash means something else to each. */
function quoted(text: string): string {
  if (text.includes("\\")) throw new TypeError("a value of a seed has no backslash in it");
  return `'${text.replaceAll("'", "''")}'`;
}

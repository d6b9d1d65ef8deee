import type { ServiceSpec } from "../../compose/app-spec.ts";
import { imageName } from "../../compose/convert/image-name.ts";
import type { CheckContext } from "../check.ts";
import { askInService } from "../exec.ts";

/** Shell text for each kind of server that has a client of its own in its image. */
export interface Questions {
  /** With `ask DATABASE`, which takes SQL and prints fields apart by tabs, and `each_database`, which prints all names. */
  postgres: string;
  /** With `ask`, which takes SQL and prints the same. */
  mariadb: string;
}

// As the official images read their environment: files first, names by default.
const POSTGRES = `user="\${POSTGRES_USER:-postgres}"; [ -z "$POSTGRES_USER_FILE" ] || user="$(cat "$POSTGRES_USER_FILE")"
PGPASSWORD="$POSTGRES_PASSWORD"; [ -z "$POSTGRES_PASSWORD_FILE" ] || PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"; export PGPASSWORD
ask() { psql --no-psqlrc -w --quiet -A -t -F '	' -v ON_ERROR_STOP=1 -U "$user" -d "$1"; }
each_database() { echo "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate" | ask template1; }
`;

const MARIADB = `user=root
for name in MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD; do
  eval "plain=\\$$name; file=\\$\${name}_FILE"
  [ -z "$file" ] || plain="$(cat "$file")"
  [ -z "$plain" ] || MYSQL_PWD="$plain"
done
export MYSQL_PWD
client="$(command -v mariadb || command -v mysql)"
ask() { "$client" --user="$user" --batch --skip-column-names; }
`;

/**
 * Asks a database by the client in its own image, as the user that the image made; gives the lines of its answer.
 * Undefined where that can't be asked: another kind of server, no shell, a password of somebody else's.
 */
export async function askDatabase(
  context: CheckContext,
  service: ServiceSpec,
  questions: Questions,
): Promise<string[] | undefined> {
  const script = scriptFor(service, questions);
  if (script === undefined) return undefined;
  const asked = await askInService(context, service.key, ["sh", "-c", script]);
  return asked?.code === 0 ? asked.stdout.split("\n").filter(Boolean) : undefined;
}

function scriptFor({ image }: ServiceSpec, { postgres, mariadb }: Questions): string | undefined {
  const { name } = imageName(image);
  if (/postg|pgvector|timescale/.test(name)) return POSTGRES + postgres;
  return /mysql|mariadb|percona/.test(name) ? MARIADB + mariadb : undefined;
}

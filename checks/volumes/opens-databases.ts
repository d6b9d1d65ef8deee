import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import { databaseServices } from "../../compose/labels/databases.ts";
import { plainText } from "../../lib/plain-text.ts";
import { type Attempt, DeadlineError, until } from "../../lib/until.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { askInService } from "../exec.ts";

/** Variables by which official images are told whom to let in, and into which database. */
const CREDENTIAL = /^(POSTGRES|MARIADB|MYSQL)_(USER|PASSWORD|DB|DATABASE)(_FILE)?$/;
/** Those without which there is nobody to be let in by a password. */
const LETS_IN = /^(POSTGRES_PASSWORD|MARIADB_USER|MYSQL_USER)(_FILE)?$/;
/** How Postgres and MariaDB say that they let somebody in no more (28P01, 28000, 3D000; 1045, 1044, 1049). */
const REFUSED =
  /(password authentication failed|role ".*" does not exist|database ".*" does not exist|Access denied for user|Unknown database).*/;

// From the container's own address, since images let in whoever comes from the loopback.
const ASK = `value() { eval "file=\\$\${1}_FILE; plain=\\$$1"; if [ -n "$file" ]; then cat "$file"; else printf %s "$plain"; fi; }
first() { for name; do found="$(value "$name")"; [ -z "$found" ] || { printf %s "$found"; return; }; done; }
host="$(hostname -i | cut -d ' ' -f 1)"
if command -v psql > /dev/null; then
  user="$(first POSTGRES_USER)"; user="\${user:-postgres}"; database="$(first POSTGRES_DB)"
  PGPASSWORD="$(first POSTGRES_PASSWORD)" PGCONNECT_TIMEOUT=5 psql --no-psqlrc -w -h "$host" -U "$user" -d "\${database:-$user}" -c 'SELECT 1'
else
  user="$(first MARIADB_USER MYSQL_USER)"; [ -n "$user" ] || exit 0
  client="$(command -v mariadb || command -v mysql)"
  echo 'SELECT 1' | MYSQL_PWD="$(first MARIADB_PASSWORD MYSQL_PASSWORD)" "$client" --connect-timeout=5 -h "$host" -u "$user" "$(first MARIADB_DATABASE MYSQL_DATABASE)"
fi`;

/** Databases of which head says otherwise than base whom they let in, by their keys, with the variables. */
export function changedCredentials(base: AppSpec, head: AppSpec): Map<string, string[]> {
  const changed = databaseServices(head).flatMap((service): [string, string[]][] => {
    const before = base.services.find(({ key }) => key === service.key);
    const now = credentials(service);
    if (!before || !Object.keys(now).some((name) => LETS_IN.test(name))) return [];
    const then = credentials(before);
    const differing = Object.keys({ ...then, ...now }).filter((name) => then[name] !== now[name]);
    return differing.length > 0 ? [[service.key, differing]] : [];
  });
  return new Map(changed);
}

/** What a service is told, where a file is a secret with the name of that: another version has another value. */
function credentials({ env, secrets }: ServiceSpec): Record<string, string> {
  const told = Object.entries(env).filter(([name, value]) => CREDENTIAL.test(name) && value !== null);
  return Object.fromEntries(
    told.map(([name, value]) => {
      const secret = secrets.find(({ file }) => value === file || value === `/run/secrets/${file}`);
      return [name, secret?.name ?? value ?? ""];
    }),
  );
}

/**
 * What head says of user, password and database opens what base made. Images read that on an empty volume alone; an app
 * that goes on asking a database which refuses it is up as far as Swarm can see.
 */
export function opensDatabases(changed: ReadonlyMap<string, readonly string[]>): CheckFunction {
  return async (context) => {
    for (const [key, names] of changed) await opens(context, key, names);
    return { summary: `head's ${[...changed.values()].flat().join(", ")} open what base made` };
  };
}

async function opens(context: CheckContext, key: string, names: readonly string[]): Promise<void> {
  const look = async (): Promise<Attempt<undefined>> => {
    const asked = await askInService(context, key, ["sh", "-c", ASK]);
    const said = asked && asked.code !== 0 ? plainText(`${asked.stderr}\n${asked.stdout}`) : "";
    const refused = REFUSED.exec(said)?.[0];
    return refused === undefined ? { done: true, value: undefined } : { done: false, reason: refused };
  };
  const wait = { what: `${key} lets head in`, deadline: "10 s", signal: context.signal, clock: context.clock } as const;
  try {
    // Head may change them in the database when it starts.
    await until(look, wait);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new CheckFailure(
      `the database ${key} that base made refuses what head says (${names.join(", ")} changed): ${error.lastReason}. Its image reads that on an empty volume alone: leave it as it was, or change it in the database too`,
    );
  }
}

import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { CheckContext } from "../check.ts";
import { askDatabase } from "./ask-database.ts";
import { placeOf } from "./filled-tables.ts";

/** What a server of databases knows beside the rows of tables. */
export interface KeptObject {
  /** Key of the service. */
  service: string;
  /** As the server calls it: `view`, `function`, `trigger`, `role` and so on. */
  kind: string;
  /** With its database and schema; of a `large object` only these. */
  name: string;
  /** Empty where that means nothing. */
  owner: string;
  /** What others than its owner may do with it, each as `who: what`. */
  rights: readonly string[];
  /** Value of a sequence, or how many large objects there are. */
  count?: number;
}

/** Of more than that nobody could say which ones are meant. */
const MOST = 5000;

// Of extensions nothing is asked: it comes with them, and with time, as the chunks of TimescaleDB do. Rights of
// everybody are what a new object has.
const OWN = (alias: string) =>
  `left(n.nspname, 3) <> 'pg_' AND left(n.nspname, 12) <> '_timescaledb' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = ${alias}.oid AND d.deptype = 'e')`;
const RIGHTS = (acl: string, owner: string) =>
  `(SELECT string_agg(DISTINCT pg_get_userbyid(a.grantee) || ': ' || a.privilege_type, ',') FROM aclexplode(${acl}) a WHERE a.grantee <> ${owner} AND a.grantee <> 0)`;

const SERVER = `SELECT 'database', '', '', datname, pg_get_userbyid(datdba), '', '' FROM pg_database WHERE datallowconn AND NOT datistemplate
UNION ALL SELECT 'role', '', '', rolname, '', '', '' FROM pg_roles WHERE left(rolname, 3) <> 'pg_'`;
const DATABASE = `SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END, current_database(), n.nspname, c.relname, pg_get_userbyid(c.relowner), ${RIGHTS("c.relacl", "c.relowner")}, (SELECT s.last_value::text FROM pg_sequences s WHERE s.schemaname = n.nspname AND s.sequencename = c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relpersistence = 'p' AND ${OWN("c")}
UNION ALL SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, current_database(), n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_userbyid(p.proowner), '', '' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OWN("p")}
UNION ALL SELECT 'trigger', current_database(), n.nspname, c.relname || '.' || t.tgname, '', '', '' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND ${OWN("c")}
UNION ALL SELECT 'type', current_database(), n.nspname, t.typname, '', '', '' FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd') AND ${OWN("t")}
UNION ALL SELECT 'extension', current_database(), '', extname, '', '', '' FROM pg_extension
UNION ALL SELECT 'large objects', current_database(), '', '', '', '', count(*)::text FROM pg_largeobject_metadata HAVING count(*) > 0
LIMIT ${MOST}`;

const SYSTEM = "('mysql', 'information_schema', 'performance_schema', 'sys')";
// Each version of a server and of its image begins with others of these.
const OWN_USERS = "User NOT IN ('', 'root', 'mysql', 'mariadb.sys', 'healthcheck') AND User NOT LIKE 'mysql.%'";
const MARIADB = `SELECT 'database', '', '', schema_name, '', '', '' FROM information_schema.schemata WHERE schema_name NOT IN ${SYSTEM}
UNION ALL SELECT LOWER(IF(table_type = 'BASE TABLE', 'TABLE', table_type)), table_schema, '', table_name, '', '', '' FROM information_schema.tables WHERE table_schema NOT IN ${SYSTEM}
UNION ALL SELECT LOWER(routine_type), routine_schema, '', routine_name, '', '', '' FROM information_schema.routines WHERE routine_schema NOT IN ${SYSTEM}
UNION ALL SELECT 'trigger', trigger_schema, '', trigger_name, '', '', '' FROM information_schema.triggers WHERE trigger_schema NOT IN ${SYSTEM}
UNION ALL SELECT 'event', event_schema, '', event_name, '', '', '' FROM information_schema.events WHERE event_schema NOT IN ${SYSTEM}
UNION ALL SELECT 'user', '', '', CONCAT(User, '@', Host), '', '', '' FROM mysql.user WHERE ${OWN_USERS}
UNION ALL SELECT 'what may be done by', Db, '', CONCAT(User, '@', Host), '', '', '' FROM mysql.db WHERE ${OWN_USERS}
LIMIT ${MOST}`;

const QUESTIONS = {
  postgres: `ask template1 <<'SQL' && each_database | while IFS= read -r database; do ask "$database" <<'SQL' || exit 1
${SERVER}
SQL
${DATABASE}
SQL
done`,
  mariadb: `ask <<'SQL'
${MARIADB}
SQL`,
};

/** What a server knows now, each on a line of its own, as {@link keptObject} reads it. Undefined where nobody can say. */
export async function keptLines(context: CheckContext, service: ServiceSpec): Promise<string[] | undefined> {
  const lines = await askDatabase(context, service, QUESTIONS);
  return lines && lines.length < MOST ? lines : undefined;
}

/** Reads a line of {@link keptLines}. @param service key of the one that was asked */
export function keptObject(service: string, line: string): KeptObject {
  const [kind = "", database = "", schema = "", name = "", owner = "", rights = "", count = ""] = line.split("\t");
  const place = database && placeOf({ database, schema });
  return {
    service,
    kind: kind === "system view" ? "view" : kind,
    name: [place, name].filter(Boolean).join("."),
    owner,
    rights: rights.split(",").filter(Boolean),
    ...(count === "" ? {} : { count: Number(count) }),
  };
}

import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { CheckContext } from "../check.ts";
import { askDatabase } from "./ask-database.ts";

/** Rows of a table that are counted, at most. */
const MOST_ROWS = 1000;

const QUESTIONS = {
  postgres: `each_database | while IFS= read -r database; do
  printf '%s\\n' "SELECT format('SELECT concat_ws(chr(9), %L, n) FROM (SELECT count(*) AS n FROM (SELECT 1 FROM %I.%I LIMIT ${MOST_ROWS}) AS t) AS c WHERE n > 0', concat_ws(chr(9), current_database(), n.nspname, c.relname, coalesce(pg_relation_filenode(c.oid), 0)), n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY n.nspname, c.relname LIMIT 2000 \\gexec" | ask "$database"
done`,
  mariadb: `echo "SELECT CONCAT('SELECT ''', table_schema, ''', '''', ''', table_name, ''', ''', IFNULL(UNIX_TIMESTAMP(create_time), 0), ''', COUNT(*) FROM (SELECT 1 FROM \\\`', table_schema, '\\\`.\\\`', table_name, '\\\` LIMIT ${MOST_ROWS}) AS counted HAVING COUNT(*) > 0;') FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND engine <> 'MEMORY' AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') ORDER BY table_schema, table_name LIMIT 2000" | ask | ask`,
};

/** A table of a database's server. */
export interface NamedTable {
  /** Database that it is in. */
  database: string;
  /** Schema within that; empty where the server has none. */
  schema: string;
  name: string;
}

/** One that has a row. */
export interface FilledTable extends NamedTable {
  /** Rows that it has; of more than a thousand, a thousand. */
  rows: number;
  /** What becomes another where the table is made anew, or emptied as a whole. */
  made: string;
}

/**
 * The tables of a database that have a row now, as its own client says; those of extensions aside, which come with
 * them, and those that a server itself forgets (unlogged ones, and ones in memory). Undefined where that can't be asked: this explains what a dump lacks, and is no check of its own.
 */
export async function filledTables(context: CheckContext, service: ServiceSpec): Promise<FilledTable[] | undefined> {
  return (await askDatabase(context, service, QUESTIONS))?.flatMap(tableOf);
}

function tableOf(line: string): FilledTable[] {
  const [database = "", schema = "", name, made = "", rows] = line.split("\t");
  return name === undefined ? [] : [{ database, schema, name, made, rows: Number(rows) }];
}

/** Where a table is: what `pg_dump`, `mysqldump` and the like take as a whole, or not at all. */
export function placeOf({ database, schema }: Pick<NamedTable, "database" | "schema">): string {
  return schema === "" || schema === "public" ? database : `${database}.${schema}`;
}

/** A table for a person, by its place. */
export function nameOf(table: NamedTable): string {
  return `${placeOf(table)}.${table.name}`;
}

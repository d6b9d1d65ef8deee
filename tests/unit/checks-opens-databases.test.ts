import { expect, test } from "vitest";
import { changedCredentials } from "../../checks/volumes/opens-databases.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const mounts = [volumeMount("wiki_rows", "/var/lib/postgresql/data")];
const PLAIN = { POSTGRES_USER: "wiki", POSTGRES_PASSWORD: "x" };
const FILE = { POSTGRES_USER: "wiki", POSTGRES_PASSWORD_FILE: "/run/secrets/db" };
const MARIADB = { MARIADB_USER: "wiki", MARIADB_PASSWORD: "x", MARIADB_DATABASE: "wiki" };
const secret = (name: string) => [{ key: "db", name, file: "db", uid: "0", gid: "0", mode: 0o444 }];

const app = (over: Partial<ServiceSpec>) =>
  appSpec({ services: [serviceSpec({ key: "db", image: "postgres:17", mounts, ...over })] });

test.each<[string, Partial<ServiceSpec>, Partial<ServiceSpec>, string[]]>([
  ["password", { env: PLAIN }, { env: { ...PLAIN, POSTGRES_PASSWORD: "y" } }, ["POSTGRES_PASSWORD"]],
  ["user", { env: PLAIN }, { env: { ...PLAIN, POSTGRES_USER: "pages" } }, ["POSTGRES_USER"]],
  ["database", { env: PLAIN }, { env: { ...PLAIN, POSTGRES_DB: "pages" } }, ["POSTGRES_DB"]],
  ["database of MariaDB's", { env: MARIADB }, { env: { ...MARIADB, MARIADB_DATABASE: "p" } }, ["MARIADB_DATABASE"]],
  [
    "secret's version",
    { env: FILE, secrets: secret("wiki_db_v1") },
    { env: FILE, secrets: secret("wiki_db_v2") },
    ["POSTGRES_PASSWORD_FILE"],
  ],
])("another %s is told from what base said", (_, before, after, names) => {
  expect([...changedCredentials(app(before), app(after))]).toEqual([["db", names]]);
});

test.each<[string, Partial<ServiceSpec>, Partial<ServiceSpec>]>([
  ["is the same", { env: PLAIN }, { env: PLAIN, image: "postgres:18" }],
  ["says more that is no credential", { env: PLAIN }, { env: { ...PLAIN, POSTGRES_INITDB_ARGS: "-k" } }],
  ["is new", { key: "other", env: PLAIN }, { env: PLAIN }],
  ["is no database", { env: PLAIN }, { image: "wiki:2", env: { ...PLAIN, POSTGRES_PASSWORD: "y" } }],
])("nothing is asked of one that %s", (_, before, after) => {
  expect(changedCredentials(app(before), app(after)).size).toBe(0);
});

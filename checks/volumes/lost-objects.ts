import { some } from "../../lib/plural.ts";
import type { KeptObject } from "../backup/kept-objects.ts";
import { mayBeEmpty } from "./lost-contents.ts";

/**
 * What of a server's objects a restore did not bring back, or not as they were, each in words. Of a database that is gone
 * itself that alone is said; tables whose names say that they come and go are left out.
 *
 * @param asked keys of the services that say what they have now
 */
export function lostObjects(
  noted: readonly KeptObject[],
  now: readonly KeptObject[],
  asked: ReadonlySet<string>,
): { name: string; said: string }[] {
  const keyOf = ({ service, kind, name }: KeptObject) => `${service}\t${kind}\t${name}`;
  const there = new Map(now.map((one) => [keyOf(one), one]));
  const known = noted.filter(({ service, name }) => asked.has(service) && !mayBeEmpty(name));
  const gone = known.filter((one) => !there.has(keyOf(one)));
  const databases = gone.filter(({ kind }) => kind === "database").map(({ name }) => `${name}.`);
  const isInside = ({ name }: KeptObject) => databases.some((database) => `${name}.`.startsWith(database));
  const missing = gone.filter((one) => one.kind === "database" || !isInside(one));
  return [
    ...missing.map((one) => ({ name: one.name, said: wordsOf(one) })),
    ...known.flatMap((one) => changed(one, there.get(keyOf(one)))),
  ];
}

function changed(before: KeptObject, now: KeptObject | undefined): { name: string; said: string }[] {
  if (!now) return [];
  const { name, kind } = before;
  const said = [
    ...(now.owner === before.owner ? [] : [`${before.owner} as the owner of ${kind} ${name} (now ${now.owner})`]),
    ...before.rights
      .filter((right) => !now.rights.includes(right))
      .map((right) => `the right to ${kind} ${name} (${right})`),
  ];
  // Many an app sets a sequence to the highest of its rows as it starts: only one that begins anew meets them.
  if (kind === "sequence" && before.count !== undefined && now.count === undefined)
    said.push(`the value of sequence ${name} (${before.count}, now none)`);
  if (kind !== "sequence" && (now.count ?? 0) < (before.count ?? 0))
    said.push(`${(before.count ?? 0) - (now.count ?? 0)} of the ${wordsOf(before)}`);
  return said.map((words) => ({ name, said: words }));
}

function wordsOf({ kind, name, count }: KeptObject): string {
  return kind === "large objects" ? `${count} large objects of ${name}` : `${kind} ${name}`;
}

/** By what the programs that dump leave such things out, for a person; empty where nothing is known. */
const REMEDIES: readonly [RegExp, string][] = [
  [
    /^(function|procedure|event) /,
    "mysqldump takes routines and events with --routines --events alone, pg_dump none with -t",
  ],
  [/^trigger /, "mysqldump leaves triggers out with --skip-triggers, pg_dump with -a"],
  [/large objects/, "pg_dump leaves large objects out with -t, -n and --no-large-objects"],
  [/as the owner of|^the right to/, "pg_dump leaves these out with --no-owner and --no-privileges"],
  [
    /^(database|role|user|what may be done by) /,
    "a dump of one database has no other, and no roles: pg_dumpall, mysqldump --all-databases",
  ],
];

/** What is lost, and how that comes about, in words for the end of a sentence. */
export function lostWords(lost: readonly { said: string }[]): { what: string; remedy: string } {
  const said = lost.map((one) => one.said);
  const remedy = REMEDIES.find(([words]) => said.some((one) => words.test(one)))?.[1];
  return { what: some(said, 5), remedy: remedy ? `; ${remedy}` : "" };
}

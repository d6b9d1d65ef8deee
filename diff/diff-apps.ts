import { createHash } from "node:crypto";
import type { AppSpec } from "../compose/app-spec.ts";
import { parseVersion } from "../source/version.ts";
import { type Change, inOrder } from "./change.ts";
import { configChanges } from "./configs.ts";
import { byIdentity, compareFields, fieldsOf, type Remark } from "./fields.ts";
import { networkChanges, secretChanges, volumeChanges } from "./objects.ts";
import { serviceChanges } from "./services.ts";

type Compare = (base: AppSpec, head: AppSpec) => Change[];

/** How each part of an app is compared: the type sees to it that none is forgotten. The commit is no part of it. */
const COMPARE: Record<Exclude<keyof AppSpec, "commit">, Compare> = {
  version: versionChange,
  recipe: (base, head) => setting("recipe", base, head),
  namespace: (base, head) => setting("namespace", base, head),
  domain: (base, head) => setting("domain", base, head),
  timeoutSeconds: (base, head) => setting("timeoutSeconds", base, head),
  services: serviceChanges,
  networks: networkChanges,
  volumes: volumeChanges,
  secrets: secretChanges,
  configs: configChanges,
  commands: commandChanges,
  warnings: warningChanges,
};

/**
 * What an upgrade from one version of an app to another changes, in a fixed order; empty where both ask a Swarm for
 * the same. Every field of the specs counts but the commit. Both are meant to be of the same namespace.
 */
export function diffApps(base: AppSpec, head: AppSpec): Change[] {
  return inOrder(Object.values(COMPARE).flatMap((compare) => compare(base, head)));
}

/** What the upgrade changes on a Swarm: without what only a reader of the recipe sees. */
export function changesOfSwarm(changes: readonly Change[]): Change[] {
  return changes.filter(({ area }) => area !== "warning");
}

function setting(name: "recipe" | "namespace" | "domain" | "timeoutSeconds", base: AppSpec, head: AppSpec): Change[] {
  return compareFields(fieldsOf(base[name]), fieldsOf(head[name]), { area: "setting", subject: name });
}

/** What abra calls, and whether the file that has it is another: all of that file is not worth showing. */
function commandChanges(base: AppSpec, head: AppSpec): Change[] {
  const told = ({ commands }: AppSpec) => {
    if (!commands) return undefined;
    const { script, ...called } = commands;
    return { ...called, "abra.sh": createHash("sha256").update(script).digest("hex").slice(0, 12) };
  };
  return compareFields(fieldsOf(told(base)), fieldsOf(told(head)), { area: "setting", subject: "commands" });
}

function versionChange(base: AppSpec, head: AppSpec): Change[] {
  const telling = { area: "version", subject: head.recipe, remark: () => versionRemark(base, head) } as const;
  return compareFields(fieldsOf(base.version), fieldsOf(head.version), telling);
}

function versionRemark(base: AppSpec, head: AppSpec): Remark {
  const [old, now] = [base, head].map(({ version }) => parseVersion(version ?? ""));
  if (!now) return { severity: "warning", note: "head is labelled with no release version" };
  if (!old) return {};
  const place = [0, 1, 2].find((index) => old.own[index] !== now.own[index]);
  if (place === undefined) return { note: "the recipe's own version stays" };
  if ((now.own[place] ?? 0) < (old.own[place] ?? 0)) {
    const [from, to] = [old.text, now.text];
    return {
      severity: "error",
      note: `goes back from ${from} to ${to}: abra tells by this label what is deployed, and would offer operators ${from} as an upgrade`,
    };
  }
  return { note: STEPS[place] };
}

const STEPS = [
  "major: operators have work to do by hand",
  "minor: nothing to do by hand",
  "patch: nothing to do by hand",
];

function warningChanges(base: AppSpec, head: AppSpec): Change[] {
  const warnings = (app: AppSpec) =>
    new Map([...byIdentity(app.warnings, String)].map(([name, text]) => [name, { same: name, text }]));
  const telling = { area: "warning", subject: "" } as const;
  return compareFields(warnings(base), warnings(head), telling).map(
    ({ before: _before, after: _after, ...change }): Change => ({
      ...change,
      severity: change.kind === "added" ? "warning" : "info",
    }),
  );
}

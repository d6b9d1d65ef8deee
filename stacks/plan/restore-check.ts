import { hasRestoreHooks } from "../../checks/backup/disaster.ts";
import type { CheckFunction } from "../../checks/check.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { helperCheck, type Link } from "./planned.ts";

/** Longer than all waits for engines, Swarm and restic in it, each of which says what it waited for: what is left are hooks. */
const DEADLINE = "900 s";

/** A check that restores an app: without hooks of its recipe's own only machinery can be too slow. */
export function restoreCheck(name: string, title: string, app: AppSpec, run: CheckFunction): Link {
  const late = hasRestoreHooks(backupPlan(app)) ? "recipe" : "infra";
  return { ...helperCheck(name, title, run, DEADLINE), late };
}

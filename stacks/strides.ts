import type { PlannedPhase } from "./plan/planned.ts";

/**
 * The phases that one `up` takes together, in their order: those that look at the same deployment. The upgrade
 * deploys another version, so it begins a second stride where it is not left out. Within one the graph keeps the
 * order: a phase's checks depend on all of the phase before.
 */
export function strides(plan: readonly PlannedPhase[]): PlannedPhase[][] {
  const upgrade = plan.findIndex(({ name, skip }) => name === "upgrade" && !skip);
  return (upgrade < 0 ? [plan] : [plan.slice(0, upgrade), plan.slice(upgrade)]).map((phases) => [...phases]);
}

import type { Change } from "../diff/change.ts";
import type { Evidence } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";

/** What {@link upgradable} asserts; judged before anything is deployed. */
export const UPGRADABLE = { name: "prepare.upgradable", title: "A Swarm takes over everything that head changes" };

/**
 * No change is one that Swarm refuses or silently leaves undone, such as new content of a config under its old name.
 * The test's own Swarm must not be asked for it: operators find out in the middle of an upgrade.
 * @param anew whether base is undeployed first, so that no service of it is in the way; default false
 * @throws CheckFailure with what is to be done about each
 */
export function upgradable(changes: readonly Change[], anew = false): Evidence {
  const refused = changes.filter(({ severity, replaces }) => severity === "error" && !(anew && replaces));
  if (refused.length > 0) {
    throw new CheckFailure(refused.map(({ area, subject, note }) => `${area} ${subject}: ${note}`).join("\n"), {
      details: Object.fromEntries(
        refused.map(({ subject, before, after, diff }) => [subject, diff ?? { before, after }]),
      ),
    });
  }
  const warnings = changes.filter(({ severity }) => severity === "warning").length;
  return {
    summary: `${changes.length} ${changes.length === 1 ? "change" : "changes"}, ${warnings} for operators to know`,
  };
}

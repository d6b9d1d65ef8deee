import type { AppSpec, SecretSpec } from "../compose/app-spec.ts";
import { masked } from "../masking/mask.ts";

/** What of an upgrade is not in the two apps. */
export interface UpgradeContext {
  /** Paths of all files, at base and at head. */
  files: { base: readonly string[]; head: readonly string[] };
  /** What release notes ask operators to set. */
  told?: Readonly<Record<string, string>>;
}

/** A compose file that `COMPOSE_FILE` may name, wherever it lies. */
const OVERLAY = /(?:^|\/)compose[^/]*\.ya?ml$/;

/** What operators have to do beside the upgrade itself, one sentence each: abra does none of it for them. */
export function forOperators(base: AppSpec, head: AppSpec, { files, told = {} }: UpgradeContext): string[] {
  const gone = files.base.filter((path) => OVERLAY.test(path) && !files.head.includes(path));
  const names = new Set(base.secrets.map(({ name }) => name));
  const made = head.secrets.filter(({ name, content }) => !content && !names.has(name));
  return [
    ...gone.map((path) => `${path} is gone: who names it in COMPOSE_FILE has to take it out, or abra stops`),
    ...Object.entries(told).map(([key, value]) => `set ${key}=${masked(key, value)} in .env`),
    ...head.warnings.filter((warning) => LACKING.test(warning)),
    ...made.map((secret) => secretTask(secret, base.secrets)),
  ];
}

/** Variables of head that nobody's `.env` has, as they are told when head is read with that of base. */
const LACKING = /^operators who come from | is not in the \.env of operators /;

function secretTask({ key, version, generate }: SecretSpec, before: readonly SecretSpec[]): string {
  const is = before.some((secret) => secret.key === key) ? "changes its version" : "is new";
  const command = generate.enabled ? "abra app secret generate" : "abra app secret insert";
  return `secret ${key} ${is}: make ${[key, version].filter(Boolean).join(" ")} by ${command} before the upgrade`;
}

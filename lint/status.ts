import { imageName, shortName } from "../compose/convert/image-name.ts";
import { backupPlan } from "../compose/labels/backup-labels.ts";
import { appOf } from "./app-of.ts";
import type { LintContext } from "./context.ts";
import { findingsOf } from "./findings.ts";
import { lacksHealthcheck } from "./healthchecks.ts";
import { isOfficialImage } from "./official-images.ts";
import { isOldLegend, type MetadataKey, saysUpstream, scoreOf, yesOrNo } from "./readme.ts";

/** One thing the score is made of. */
export interface StatusInput {
  name: Exclude<MetadataKey, "Category" | "Status">;
  /** Undefined: not to be told from the recipe. It counts as not there. */
  holds?: boolean;
  /** What it was judged by. */
  from: string;
  /** What the README says, as written. */
  readme?: string;
}

export interface Status {
  /** 0 (cannot be read) to 5, as docs.coopcloud.tech/recipes defines it. */
  score: number;
  /** Why it is not higher; empty at 5. */
  missing: string[];
  inputs: StatusInput[];
  /** The score the README gives. */
  readme?: number;
  /** Where README and recipe differ, with the README's line. */
  differences: { message: string; line?: number }[];
}

/**
 * The recipe's status: 5 is 4 and single sign-on; 4 an upstream image, backups, email, health check and tests; 3
 * lacks one or two of these four; 2 lacks more, or has no upstream image; 1 has no release; 0 cannot be read.
 */
export function computeStatus(context: LintContext): Status {
  const inputs = [image, backups, email, healthcheck, tests, sso].map((judge) => judge(context));
  const lacking = new Set(inputs.filter(({ holds }) => !holds).map(({ name }) => name));
  const ofFour = (["Backups", "Email", "Healthcheck", "Tests"] as const).filter((name) => lacking.has(name));
  const { value, missing } = scoreFrom(context, lacking, ofFour);
  const readme = scoreOf(context.readme.values.Status);
  return { score: value, missing, inputs, readme, differences: differences(context, inputs, value) };
}

function scoreFrom(context: LintContext, lacking: Set<string>, ofFour: string[]) {
  if (context.head.services.length === 0) return { value: 0, missing: ["compose files that can be read"] };
  const upstream = lacking.has("Image") ? ["upstream image"] : [];
  const missing = [...upstream, ...ofFour.map((name) => name.toLowerCase())];
  if (context.releases.releases.length === 0) return { value: 1, missing: ["release", ...missing] };
  if (upstream.length > 0 || ofFour.length > 2) return { value: 2, missing };
  if (ofFour.length > 0) return { value: 3, missing };
  return lacking.has("SSO") ? { value: 4, missing: ["single sign-on"] } : { value: 5, missing };
}

function image({ recipe, head, readme }: LintContext): StatusInput {
  const app = head.services.find(({ key }) => key === "app");
  const name = shortName(imageName(app?.image ?? "").name);
  const input = { name: "Image" as const, readme: readme.values.Image?.text };
  if (!name) return { ...input, from: "service app has no image" };
  if (isOfficialImage(name)) return { ...input, holds: true, from: `${name} is a Docker official image` };
  if (/coop-?cloud/i.test(name)) return { ...input, holds: false, from: `${name} is built by Co-op Cloud itself` };
  const said = saysUpstream(readme.values.Image);
  if (said !== undefined) return { ...input, holds: said, from: "README" };
  if (!name.includes("/")) return { ...input, from: `${name} is no official image of Docker that is known` };
  const [own = "", publisher = ""] = name.toLowerCase().split("/").reverse();
  const related = [own, recipe].some((word) => word.includes(publisher) || publisher.includes(word));
  return { ...input, holds: related || undefined, from: `publisher ${publisher} of ${name}` };
}

function backups({ head, readme }: LintContext): StatusInput {
  const input = { name: "Backups" as const, readme: readme.values.Backups?.text };
  const broken = findingsOf(head, () => backupPlan(appOf(head)))[0];
  if (broken) return { ...input, holds: false, from: broken.message };
  const plan = backupPlan(appOf(head));
  if (plan.volumes.length === 0) return { ...input, holds: true, from: "no volume: nothing to back up" };
  return { ...input, holds: plan.problem === undefined, from: plan.reason ?? `labels of service ${plan.service}` };
}

function healthcheck({ head, readme }: LintContext): StatusInput {
  const without = head.services.filter(lacksHealthcheck);
  const none = without.map(({ key }) => key).join(", ");
  return {
    name: "Healthcheck",
    holds: head.services.length > 0 && without.length === 0,
    from: none ? `services without one: ${none}` : "compose files",
    readme: readme.values.Healthcheck?.text,
  };
}

function tests({ readme, ownChecks }: LintContext): StatusInput {
  const from = ownChecks > 0 ? `checks of its own in ci.ts: ${ownChecks}` : "no ci.ts with checks of its own";
  return { name: "Tests", holds: ownChecks > 0, from, readme: readme.values.Tests?.text };
}

/** Settings of an app that sends mail: a server, or who it is from. An address alone, as for certificates, is none. */
const SENDS_MAIL =
  /(^|_)(SMTP|MAILER|SENDMAIL|MAILGUN|SENDGRID)(_|$)|(^|_)(FROM|SENDER|NO_?REPLY)_E?MAIL(_|$)|(^|_)E?MAIL_(?!(VALIDATION|VERIFICATION|CONFIRMATION|DOMAINS?|ADDRESS(ES)?)$)\w/;

function email(context: LintContext): StatusInput {
  const input = bySettings(context, "Email", SENDS_MAIL);
  const none = input.holds === undefined && /^n\/?a\b/i.test(input.readme ?? "");
  return none ? { ...input, holds: true, from: "README: the app sends none" } : input;
}

function sso(context: LintContext): StatusInput {
  return bySettings(context, "SSO", /(^|_)(SSO|OIDC|OPENID|OAUTH2?|SAML|LDAP|KEYCLOAK|AUTHENTIK)(_|$)/);
}

/** A feature that shows in the names of its settings, or that the README claims. */
function bySettings({ head, readme }: LintContext, name: "Email" | "SSO", pattern: RegExp): StatusInput {
  const names = [...Object.keys(head.env), ...head.optional.map(({ key }) => key)];
  const setting = names.find((key) => pattern.test(key));
  const value = readme.values[name];
  if (setting) return { name, holds: true, from: `setting ${setting}`, readme: value?.text };
  return {
    name,
    holds: yesOrNo(value),
    from: value?.text ? "README" : "no setting, nothing in the README",
    readme: value?.text,
  };
}

function differences({ readme, head }: LintContext, inputs: StatusInput[], score: number): Status["differences"] {
  if (head.services.length === 0) return [];
  const found = inputs.flatMap(({ name, holds, from }) => {
    const value = readme.values[name];
    const claimed = name === "Image" ? saysUpstream(value) : yesOrNo(value);
    if (claimed === undefined || holds === undefined || claimed === holds) return [];
    return [{ message: `${name} is "${value?.text}", but: ${from}`, line: value?.line }];
  });
  const claimed = scoreOf(readme.values.Status);
  const reachable = isOldLegend(readme.values.Status) ? Math.min(score, 4) : score;
  if (claimed === undefined || claimed === reachable) return found;
  return [
    ...found,
    { message: `Status is ${claimed}, but ${score} by what the recipe shows`, line: readme.values.Status?.line },
  ];
}

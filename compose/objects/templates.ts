import { UserError, UserErrors } from "../../lib/errors.ts";
import type { ConfigSpec, ServiceSpec } from "../app-spec.ts";
import type { AppEnv } from "../env/app-env.ts";
import { readTemplate, type TemplateCall } from "../go-template/read.ts";

/** The template engine that Swarm has. */
export const TEMPLATE_DRIVER = "golang";

/** Characters of all templates of an app, each as often as services get it: a quarter of a second. */
const WORK_LIMIT = 512 << 10;
/** More mistakes than anyone reads at once. */
const FINDING_LIMIT = 200;

/** A template and the services that get it. */
export interface TemplateUse {
  /** Path within the recipe. */
  file: string;
  text: string;
  users: readonly ServiceSpec[];
}

/** Something that is wrong with a template for a service that gets it. */
export interface TemplateFinding {
  /** `fails`: Swarm rejects every task. `secret`, `config`, `env`: the service lacks what the template asks for. */
  kind: "fails" | TemplateCall["source"];
  message: string;
  remedy?: string;
  file: string;
  /** Counted from 1. */
  line: number;
  /** It shows as soon as the app is deployed with the service's variables. */
  certain: boolean;
}

/** How the variables of an app came to be, as far as a template cares; abra gives them all to service `app`. */
export type TemplateEnv = Pick<AppEnv, "optional" | "from">;

/**
 * What templates need and their services do not give them. An unset variable is an empty text to Swarm, without an
 * error; so it counts for certain only where it goes into the text as it is, and nothing tests or replaces it.
 */
export function templateFindings(uses: readonly TemplateUse[], env: TemplateEnv): TemplateFinding[] {
  const work = uses.reduce((sum, { text, users }) => sum + text.length * users.length, 0);
  if (work > WORK_LIMIT) {
    const message = `the templates have ${work} characters for the services that get them, more than ${WORK_LIMIT}`;
    return [{ kind: "fails", message, file: uses[0]?.file ?? "", line: 1, certain: true }];
  }
  // What fails for one service fails for all that get the template.
  const findings = new Map<string, TemplateFinding>();
  for (const { file, text, users } of uses) {
    const follow = readTemplate(text);
    for (const service of users) {
      const { calls, problems } = follow(service.env);
      const failing = problems.map((problem) => ({ ...problem, kind: "fails" as const, certain: true }));
      for (const found of [...failing, ...calls.flatMap((call) => lacking(call, service, env))]) {
        if (findings.size >= FINDING_LIMIT) break;
        const id = `${file}:${found.line} ${found.message}`;
        const known = findings.get(id);
        findings.set(id, { ...found, file, certain: found.certain || (known?.certain ?? false) });
      }
    }
  }
  return [...findings.values()];
}

/**
 * Refuses templates that Swarm rejects. A variable that a service lacks is an empty text to it.
 * @returns a warning for each such variable, with the template's file and line
 * @throws UserErrors with the templates' files and lines
 */
export function soundTemplates(
  configs: readonly ConfigSpec[],
  services: readonly ServiceSpec[],
  env: TemplateEnv,
): string[] {
  const uses = configs.flatMap(({ name, data, file = "", templateDriver }): TemplateUse[] => {
    if (templateDriver !== TEMPLATE_DRIVER) return [];
    const users = services.filter((service) => service.configs.some((config) => config.name === name));
    return [{ file, text: users.length > 0 ? Buffer.from(data, "base64").toString("utf8") : "", users }];
  });
  const certain = templateFindings(uses, env).filter((finding) => finding.certain);
  const errors = certain
    .filter(({ kind }) => kind !== "env")
    .map(({ message, remedy, file, line }) => new UserError(message, { place: { file, line }, remedy }));
  if (errors.length > 0) throw new UserErrors(errors);
  return certain.map(
    ({ message, remedy, file, line }) =>
      `${file}:${line}: ${message}, and Swarm puts an empty text there: ${remedy ?? "give it a default"}`,
  );
}

function lacking(
  { source, argument, line, reached, plain }: TemplateCall,
  service: ServiceSpec,
  env: TemplateEnv,
): Omit<TemplateFinding, "file">[] {
  const { key } = service;
  if (source === "env") {
    if (Object.hasOwn(service.env, argument) || (key === "app" && env.optional.has(argument))) return [];
    const message = `service ${key} has no variable ${argument}`;
    return [{ kind: source, message, line, certain: reached && plain, remedy: howToHave(argument, key, env) }];
  }
  if (service[`${source}s`].some(({ file }) => file === argument)) return [];
  const remedy = `mount it in service ${key}: the name is that of its target file`;
  return [
    { kind: source, message: `service ${key} mounts no ${source} at ${argument}`, line, certain: reached, remedy },
  ];
}

function howToHave(name: string, service: string, { from }: TemplateEnv): string {
  const fallback = `give it a default: {{ or (env "${name}") "..." }}`;
  if (service !== "app") return `add ${name} to the environment of service ${service}, or ${fallback}`;
  if (from === undefined) return `add ${name} to .env.sample, or ${fallback}`;
  return `operators who come from ${from} have none: ${fallback}, or set it in upgradeEnv of the recipe's ci.ts`;
}

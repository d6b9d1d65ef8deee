import type { ServiceSpec } from "../../compose/app-spec.ts";
import { TEMPLATE_DRIVER, type TemplateFinding, templateFindings } from "../../compose/objects/templates.ts";
import type { ConfigFile } from "../config-files.ts";
import type { LintContext } from "../context.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

export const templateFiles: Rule = {
  id: "C013",
  level: "error",
  title: "Swarm can expand every template: its syntax, its functions, its secrets and configs",
  why: "Swarm expands templates as a task starts, and rejects the task; the deployment itself looks fine.",
  remedy: "Correct the template; a secret or config goes by the name of its target file in the same service.",
  check: async (context) => [
    ...unknownDrivers(context.head),
    ...(await findingsIn(context, ({ kind }) => kind !== "env")),
  ],
};

export const templateVariables: Rule = {
  id: "C014",
  level: "warning",
  title: "Every variable that a template reads is set in the same service",
  why: "Swarm puts an empty text there. Only service app gets the variables of the app, from abra.",
  remedy: "Add it to the environment of the service that uses the template.",
  check: (context) => findingsIn(context, ({ kind }) => kind === "env"),
};

export const configFiles: Rule = {
  id: "C015",
  level: "error",
  title: "The file of every config is in the recipe, not empty, and no longer than Swarm takes",
  why: "The app cannot be deployed.",
  remedy: "Add the file, or correct its path.",
  claims: /^configs\..*(not in the recipe|is empty|is no file|has \d+ bytes|leaves the recipe|no path within)/,
  check: ({ head }) =>
    head.configs.flatMap(({ key, content }) => {
      if (typeof content === "string") return [];
      return [{ message: `config ${key}: ${content.message}`, ...head.at("configs", key, "file") }];
    }),
};

function unknownDrivers(head: RecipeState): Finding[] {
  return head.configs
    .filter(({ templateDriver }) => templateDriver && templateDriver !== TEMPLATE_DRIVER)
    .map(({ key, templateDriver }) => ({
      message: `config ${key}: template_driver "${templateDriver}" is unknown to Swarm`,
      ...head.at("configs", key, "template_driver"),
    }));
}

async function findingsIn(
  { head, combinations }: LintContext,
  isMeant: (found: TemplateFinding) => boolean,
): Promise<Finding[]> {
  const all = await Promise.all(combinations.map(allFindings));
  const found = (await allFindings(head)).findings.filter(
    (one) => isMeant(one) && (one.certain || all.every((others) => isAmong(one, others))),
  );
  return found.map(({ kind, certain, message, file, line }) => ({
    ...{ message, file, line },
    ...(kind === "env" && { kind: "variables of templates are not set in the service" }),
    // Whether it comes to that depends on what operators set.
    ...(kind !== "env" && !certain && { level: "warning" as const }),
  }));
}

/** In a branch what is there in one combination is meant for it; a template that is not used in one says nothing. */
function isAmong(one: TemplateFinding, { findings, files }: Found): boolean {
  return !files.has(one.file) || findings.some(({ message, file }) => message === one.message && file === one.file);
}

interface Found {
  findings: readonly TemplateFinding[];
  /** The templates that services use. */
  files: ReadonlySet<string>;
}

const known = new WeakMap<RecipeState, Promise<Found>>();

/** Every combination is compared with all others, and read once. */
function allFindings(head: RecipeState): Promise<Found> {
  const found = known.get(head) ?? readTemplates(head);
  known.set(head, found);
  return found;
}

async function readTemplates(head: RecipeState): Promise<Found> {
  const optional = new Set(head.optional.map(({ key }) => key));
  const templates = head.configs.filter(({ templateDriver }) => templateDriver === TEMPLATE_DRIVER);
  const uses = await Promise.all(
    templates.map(async (template) => {
      const { file } = template;
      return { file, text: (await head.read(file)) ?? "", users: usersOf(template, head) };
    }),
  );
  const files = new Set(uses.filter(({ users }) => users.length > 0).map(({ file }) => file));
  return { findings: templateFindings(uses, { optional }), files };
}

/** abra gives service `app` every variable of the app. */
function usersOf(config: ConfigFile, head: RecipeState): ServiceSpec[] {
  const env = { TYPE: "", RECIPE: "", ...head.env };
  return head.services
    .filter(({ configs }) => configs.some(({ key }) => key === config.key))
    .map((service) => (service.key === "app" ? { ...service, env: { ...env, ...service.env } } : service));
}

export const noPointers: Rule = {
  id: "C040",
  level: "error",
  title: "The file of every config is the content itself, no pointer of git LFS",
  why: "abra clones recipes without git LFS: the app gets the three lines of the pointer as its config.",
  remedy: "Take the file out of git LFS: git lfs untrack <file>, and commit it anew.",
  claims: /is a pointer of Git LFS/,
  check: ({ head }) =>
    head.configs
      .filter(({ pointer }) => pointer)
      .map(({ key, file }) => ({
        message: `config ${key}: ${file} is a pointer of git LFS`,
        ...head.at("configs", key, "file"),
      })),
};

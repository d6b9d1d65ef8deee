import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { LintContext } from "../context.ts";
import { lineAt } from "../places.ts";
import type { ConfigFile, RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

export const templateFiles: Rule = {
  id: "C013",
  level: "error",
  title: "Every secret and config that a template names is mounted by the same service",
  why: "Swarm expands templates as a task starts, and rejects the task; the deployment itself looks fine.",
  remedy: "Mount it in the service that uses the template; the name is that of its target file.",
  check: (context) =>
    templateFindings(context, ({ name, argument }, service) => {
      if (name !== "secret" && name !== "config") return undefined;
      const mounted = service[`${name}s`].some(({ file }) => file === argument);
      return mounted ? undefined : `service ${service.key} mounts no ${name} at ${argument}`;
    }),
};

export const templateVariables: Rule = {
  id: "C014",
  level: "warning",
  title: "Every variable that a template reads is set in the same service",
  why: "Swarm puts an empty text there. Only service app gets the variables of the app, from abra.",
  remedy: "Add it to the environment of the service that uses the template.",
  check: (context) =>
    templateFindings(context, ({ name, argument }, service, head) => {
      if (name !== "env" || argument in service.env || (service.key === "app" && knownToApp(head, argument))) return;
      return `service ${service.key} has no variable ${argument}`;
    }),
};

export const configFiles: Rule = {
  id: "C015",
  level: "error",
  title: "The file of every config is in the recipe",
  why: "The app cannot be deployed.",
  remedy: "Add the file, or correct its path.",
  check: ({ head }) =>
    head.configs
      .filter(({ file }) => !head.paths.includes(file))
      .map(({ key, file }) => ({ message: `config ${key}: ${file} is not there`, ...head.at("configs", key, "file") })),
};

interface Call {
  name: string;
  argument: string;
  line: number;
}

type Problem = (call: Call, service: ServiceSpec, head: RecipeState) => string | undefined;

async function templateFindings({ head }: LintContext, problem: Problem): Promise<Finding[]> {
  const templates = head.configs.filter(({ templateDriver }) => templateDriver === "golang");
  const found = templates.map(async (template) => {
    const calls = callsIn((await head.read(template.file)) ?? "");
    return usersOf(template, head).flatMap((service) =>
      calls.flatMap((call) => {
        const message = problem(call, service, head);
        return message ? [{ message, file: template.file, line: call.line }] : [];
      }),
    );
  });
  return (await Promise.all(found)).flat();
}

function usersOf(config: ConfigFile, head: RecipeState): ServiceSpec[] {
  return head.services.filter(({ configs }) => configs.some(({ key }) => key === config.key));
}

/** abra gives service `app` every variable of the app; options left out read as empty on purpose. */
function knownToApp(head: RecipeState, name: string): boolean {
  return ["TYPE", "RECIPE"].includes(name) || name in head.env || head.optional.some(({ key }) => key === name);
}

/** `env "X"`, `secret "x"` and `config "x"` within `{{ }}`. */
function callsIn(text: string): Call[] {
  return [...text.matchAll(/\{\{.*?\}\}/gs)].flatMap((action) =>
    [...action[0].matchAll(/\b(env|secret|config)\s+(?:"([^"]*)"|`([^`]*)`)/g)].map((call) => ({
      name: call[1] ?? "",
      argument: call[2] ?? call[3] ?? "",
      line: lineAt(text, action.index + call.index),
    })),
  );
}

import type { Doubt } from "../convert/doubt.ts";
import type { ConfigText } from "../convert/programs.ts";

/** A call of one of the functions that Swarm gives to templates (swarmkit template/context.go). */
const CALL = /\{\{-?[^{}]{0,200}?\b(env|secret|config)\s+["`][\w.-]+["`][^{}]{0,200}\}\}/;
/** `env` is a function of many others' templates as well; `secret` with one word and `config` are Swarm's. */
const SWARMS = /\{\{-?\s*(secret|config)\s+["`][\w.-]+["`]\s*-?\}\}/;

/** Files of configs that are written as templates of Swarm's, and go to the app as they are. */
export function plainTemplates(configs: readonly (ConfigText & { file: string })[]): Doubt[] {
  return configs.flatMap(({ key, file, text, templateDriver }): Doubt[] => {
    const call = (file.endsWith(".tmpl") ? CALL : SWARMS).exec(text)?.[0];
    if (call === undefined || templateDriver) return [];
    const message = `config ${key}: ${file} asks for ${call.slice(0, 80)}, and has no template_driver: the app gets it as it is`;
    return [{ kind: "template", path: ["configs", key], message, remedy: "write template_driver: golang" }];
  });
}

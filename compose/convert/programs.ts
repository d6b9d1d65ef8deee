import { isShell } from "../../lib/swarm/shell.ts";
import { spokenMode } from "../../lib/swarm/spoken-mode.ts";
import type { FileReference, ServiceSpec } from "../app-spec.ts";
import type { Doubt } from "./doubt.ts";

/** What is in the file of a config, by the config's key. */
export interface ConfigText {
  key: string;
  text: string;
  /** The engine of templates that its file goes through. */
  templateDriver?: string;
}

/** A command that a service is given, and how it is run. */
export interface Command {
  /** Words for a message: `its entrypoint`. */
  what: string;
  /** The program and its arguments, or one text for a shell. */
  run: readonly string[] | string;
  path: readonly string[];
  /** Only a script is surely run: the image may take it for an argument. */
  maybe?: boolean;
}

/** Folders of which images run the scripts that they may (nginx, Nextcloud), and tell of others in their log alone. */
const PARTS = /^\/docker-entrypoint\.d\/.+\.(?:env)?sh$|^\/docker-entrypoint-hooks\.d\/.+\.sh$/;
/** What stands before a program in a text for a shell, up to its end. */
const BEFORE =
  /(?:^|[;&|(!{]|\n|\b(?:exec|then|do|else|if|while|time|nohup|env)\b)\s*(?:[A-Za-z_]\w{0,60}=\S{0,200}\s+){0,20}["']?$/;
/** Most characters of that which are looked at. */
const NEAR = 300;

/**
 * Configs that a service runs as programs and no engine can: without an x in their mode (`permission denied`), without
 * a first line that names an interpreter (`exec format error`), or with lines that end in CR LF, so that the name of
 * the interpreter has a CR behind it (`no such file or directory`). A shell that is given the file as its argument
 * needs none of the three.
 * @param hooks commands of the service's labels, run by a shell
 */
export function programDoubts(
  services: readonly ServiceSpec[],
  texts: readonly ConfigText[],
  hooks: (service: ServiceSpec) => readonly Command[],
): Doubt[] {
  const contents = new Map(texts.map((one) => [one.key, one]));
  return services.flatMap((service) => {
    const commands = [...ownCommands(service), ...hooks(service)];
    return service.configs.flatMap((config): Doubt[] => {
      const content = contents.get(config.key);
      const target = config.file.startsWith("/") ? config.file : `/${config.file}`;
      if (PARTS.test(target) && (config.mode & 0o111) === 0) {
        const message = `service ${service.key}: ${target} (config ${config.key}) has no x in its mode: images pass over such a file of that folder`;
        return [{ kind: "program", path: ["services", service.key, "configs"], message, remedy: "write mode: 0555" }];
      }
      const user = commands.find((command) => runs(command, target) && (!command.maybe || isScript(content)));
      const wrong = user && whyNot(config, content, typeof user.run === "string");
      if (!wrong) return [];
      const message = `service ${service.key}: ${user.what} runs ${target} (config ${config.key}), ${wrong.message}`;
      return [{ kind: "program" as const, path: user.path, ...wrong, message, fails: true }];
    });
  });
}

function ownCommands({ key, command = [], args = [], healthcheck }: ServiceSpec): Command[] {
  const at = (...path: string[]) => ["services", key, ...path];
  const [form, ...test] = healthcheck?.test ?? [];
  return [
    ...(command.length > 0 ? inShell(command, args, "its entrypoint", at("entrypoint")) : []),
    // What its image starts with is not known; most hand a command on, and run it.
    ...(command.length === 0 && args.length > 0
      ? inShell(args, [], "its command", at("command")).map((one) => ({ ...one, maybe: true }))
      : []),
    ...(form === "CMD" ? inShell(test, [], "its health check", at("healthcheck", "test")) : []),
    ...(form === "CMD-SHELL"
      ? [{ what: "its health check", run: test[0] ?? "", path: at("healthcheck", "test") }]
      : []),
  ];
}

/** A shell with `-c` runs a text. */
function inShell(words: readonly string[], more: readonly string[], what: string, path: readonly string[]): Command[] {
  const all = [...words, ...more];
  const option = isShell(all[0] ?? "") ? all.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  return [{ what, path, run: option > 0 ? (all[option + 1] ?? "") : all }];
}

/** Programs that run another one, which comes behind their own options. */
const LAUNCHER = /(?:^|\/)(?:tini|dumb-init|catatonit|env|gosu|su-exec|setpriv|nice|timeout|exec)$/;

function runs({ run }: Command, target: string): boolean {
  if (typeof run !== "string") return run[0] === target || (LAUNCHER.test(run[0] ?? "") && isLaunched(run, target));
  for (let at = run.indexOf(target); at >= 0; at = run.indexOf(target, at + 1)) {
    // No more than a little of what goes before: patterns take long for a long text.
    const before = (at > NEAR ? "x" : "") + run.slice(Math.max(0, at - NEAR), at);
    const after = run.slice(at + target.length, at + target.length + 1);
    if (BEFORE.test(before) && /^$|[\s;&|)"']/.test(after)) return true;
  }
  return false;
}

/** Whether no other program stands between the launcher and the target: `gosu app /x`, and not `tini -- sh /x`. */
function isLaunched(run: readonly string[], target: string): boolean {
  const at = run.indexOf(target);
  const from = /(?:gosu|su-exec)$/.test(run[0] ?? "") ? 2 : 1;
  return at >= from && run.slice(from, at).every((word) => /^-|=|^\d/.test(word));
}

function isScript(content: ConfigText | undefined): boolean {
  return /^#!/.test(content?.text ?? "");
}

function whyNot(
  { mode }: FileReference,
  content: ConfigText | undefined,
  byShell: boolean,
): Pick<Doubt, "message" | "remedy"> | undefined {
  if ((mode & 0o111) === 0) {
    const message = `and its mode ${spokenMode(mode)} lets nobody run it`;
    return { message, remedy: "write mode: 0555 beside its target, or run it by its interpreter: sh <path>" };
  }
  // A file that a template makes may begin otherwise than its text.
  if (content === undefined || content.text.startsWith("{{")) return undefined;
  if (/^#![^\n]*\r\n/.test(content.text)) {
    const message = "and its lines end in CR LF: no interpreter is called so";
    return { message, remedy: "save the file with line ends of Unix (LF)" };
  }
  // A shell reads what has no such line by itself.
  if (byShell || /^#!/.test(content.text) || content.text.includes("\0")) return undefined;
  return { message: "which names no interpreter", remedy: "begin the file with #!/bin/sh, or another interpreter" };
}

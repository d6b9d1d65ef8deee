import { isMap, isScalar, isSeq } from "yaml";
import type { CanonicalCompose, CanonicalService } from "../files/canonical.ts";
import { type ComposeFile, servicesOf } from "../files/compose-file.ts";
import { follow, scalarText, valuesOf } from "../files/places.ts";
import type { Doubt } from "./doubt.ts";

/** The mappings of a service whose values docker takes as texts, and what docker/cli made of them. */
const MAPPINGS: [path: readonly string[], made: (service: CanonicalService) => Record<string, string | null>][] = [
  [["environment"], ({ environment }) => environment ?? {}],
  [["labels"], ({ labels }) => labels ?? {}],
  [["deploy", "labels"], ({ deploy }) => deploy?.labels ?? {}],
  [["logging", "options"], ({ logging }) => logging?.options ?? {}],
  [["sysctls"], ({ sysctls }) => sysctls ?? {}],
];

/** The lists of `name=value` of a service. */
const LISTS = [["environment"], ["labels"], ["deploy", "labels"]];

/** Values without quotes that are numbers or dates to YAML, and are written otherwise once they are texts again. */
export function changedValues(files: readonly ComposeFile[], compose: CanonicalCompose): Doubt[] {
  return Object.entries(compose.services ?? {}).flatMap(([name, service]) =>
    MAPPINGS.flatMap(([path, made]) => {
      const at = ["services", name, ...path];
      const written = writtenValues(files, at);
      return Object.entries(made(service)).flatMap(([key, value]): Doubt[] => {
        const node = written.get(key);
        if (!isScalar(node) || node.type !== "PLAIN" || value === null) return [];
        // What holds a variable is a text, and so is what reads as it is written.
        const { source = "" } = node;
        if (source.includes("$") || source === value || typeof node.value === "boolean" || node.value === null)
          return [];
        const message = `service ${name}: ${key} is written ${source}, and docker makes "${value}" of it`;
        return [{ kind: "number", path: [...at, key], message, remedy: `put it in quotes: "${source}"` }];
      });
    }),
  );
}

/** The values of a mapping; of several files the last one that has a key counts. */
function writtenValues(files: readonly ComposeFile[], path: readonly string[]): Map<string, unknown> {
  const all = files.flatMap((file) => {
    const { node } = follow(file, path, true);
    return isMap(node) ? [...valuesOf(file, node)] : [];
  });
  return new Map(all);
}

/** Entries of lists that docker takes as they are, with quotes and blanks that were meant to be none of them. */
export function oddEntries(files: readonly ComposeFile[]): Doubt[] {
  return files.flatMap((file) =>
    Object.keys(servicesOf(file)).flatMap((name) =>
      LISTS.flatMap((path) => {
        const at = ["services", name, ...path];
        const { node } = follow(file, at, true);
        return isSeq(node) ? node.items.flatMap((item, index) => oddEntry(name, [...at, String(index)], item)) : [];
      }),
    ),
  );
}

function oddEntry(service: string, path: readonly string[], item: unknown): Doubt[] {
  const odd = oddity(scalarText(item));
  if (!odd) return [];
  return [{ kind: "list", path, message: `service ${service}: ${path.at(-2)} ${odd.message}`, remedy: odd.remedy }];
}

function oddity(entry: string): { message: string; remedy: string } | undefined {
  const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(entry) ?? [];
  // Labels of Traefik and backup-bot-two with blanks in their names are told with all else about them.
  if (/\s$/.test(name) && !/^(traefik|backupbot)\./i.test(name)) {
    return {
      message: `has the name "${name}", a blank at its end`,
      remedy: "write name=value, without blanks around =",
    };
  }
  if (!/^(["'])[^"']*\1$/.test(value)) return undefined;
  return {
    message: `gives ${name} a value with its quotes: in a list they are part of it`,
    remedy: "leave the quotes out, or put them around the whole entry",
  };
}

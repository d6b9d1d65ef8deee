import { isMap, isSeq } from "yaml";
import { asRecord, type ComposeFile, servicesOf as writtenServices } from "../compose/files/compose-file.ts";
import { follow, locate, type Place, placeOf, scalarText } from "../compose/files/places.ts";
import { lineAt } from "../compose/files/text.ts";

export { lineAt, locate, type Place };

/** A compose file together with its text, so that lines can be counted. */
export type ComposeSource = ComposeFile;

/** A label as it is written, `key=value` even where the file has a mapping. */
export interface WrittenLabel extends Place {
  text: string;
}

/** The `deploy.labels` of a service in every file, in list or mapping form; or what else is written that way. */
export function writtenLabels(
  files: readonly ComposeSource[],
  service: string,
  path: readonly string[] = ["deploy", "labels"],
): WrittenLabel[] {
  return files.flatMap((file) => {
    const { node } = follow(file, ["services", service, ...path], true);
    if (isSeq(node)) return node.items.map((item) => ({ ...placeOf(file, item), text: scalarText(item) }));
    if (!isMap(node)) return [];
    return node.items.map(({ key, value }) => ({
      ...placeOf(file, key),
      text: `${scalarText(key)}=${scalarText(value)}`,
    }));
  });
}

/** The files at some paths, in the order of these; one that is not there is left out. */
export function filesAt(paths: readonly string[], files: readonly ComposeSource[]): ComposeSource[] {
  return paths.flatMap((path) => files.find((file) => file.path === path) ?? []);
}

/** The services a file writes, as plain data. */
export function servicesOf(file: ComposeSource): [string, Record<string, unknown>][] {
  return Object.entries(writtenServices(file)).map(([key, service]) => [key, asRecord(service)]);
}

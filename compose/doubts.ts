import type { ServiceSpec } from "./app-spec.ts";
import { changedValues, oddEntries } from "./convert/changed-values.ts";
import type { Doubt } from "./convert/doubt.ts";
import { modeDoubts } from "./convert/file-modes.ts";
import { healthDoubts } from "./convert/health-forms.ts";
import { type Command, type ConfigText, programDoubts } from "./convert/programs.ts";
import type { CanonicalCompose } from "./files/canonical.ts";
import type { ComposeFile } from "./files/compose-file.ts";
import { locate } from "./files/places.ts";
import { hookCommand } from "./labels/backup-hook.ts";
import { aliasDoubts } from "./labels/shared-aliases.ts";
import { dataDoubts } from "./labels/shared-data.ts";
import { plainTemplates } from "./objects/plain-templates.ts";

export interface DoubtSources {
  services: readonly ServiceSpec[];
  files: readonly ComposeFile[];
  compose: CanonicalCompose;
  /** Those that have a file of the recipe. */
  configs: readonly (ConfigText & { file: string })[];
}

/** More doubts than anyone reads at once. */
const LIMIT = 200;

/** What docker and abra take of an app and nobody means, by its files as they are enabled. */
export function doubtsOf({ services, files, compose, configs }: DoubtSources): Doubt[] {
  const all = [
    ...modeDoubts(services, files),
    ...programDoubts(services, configs, hookCommands),
    ...healthDoubts(services),
    ...dataDoubts(services),
    ...aliasDoubts(services),
    ...plainTemplates(configs),
    ...changedValues(files, compose),
    ...oddEntries(files),
  ];
  return all.slice(0, LIMIT);
}

/** A doubt in one line, with the place where it is written. */
export function doubtWarning({ path, message, remedy }: Doubt, files: readonly ComposeFile[]): string {
  const { file, line } = locate(files, path);
  return `${file}:${line}: ${message}: ${remedy}`;
}

const HOOK = /^backupbot\.(backup|restore)\.(pre|post)-hook$/;

function hookCommands({ key, labels }: ServiceSpec): Command[] {
  return Object.entries(labels)
    .filter(([label]) => HOOK.test(label))
    .map(([label, text]) => ({
      what: `its ${label}`,
      run: hookCommand(text.trim()).command,
      path: ["services", key, "deploy", "labels"],
    }));
}

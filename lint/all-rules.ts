import type { Rule } from "./rule.ts";
import { backupLabels, databaseDump, dumpRestored, dumpsReplaced } from "./rules/backups.ts";
import { composeVersion, oneVersion } from "./rules/compose-version.ts";
import { configVersionBumped } from "./rules/config-change.ts";
import { noCredentials } from "./rules/credentials.ts";
import {
  aliasesOwn,
  entriesPlain,
  healthAsked,
  modesMeant,
  numbersQuoted,
  oneServer,
  programsRun,
  templatesExpanded,
} from "./rules/doubts.ts";
import { nothingIgnored } from "./rules/ignored.ts";
import { hasImage, hasTag, orderedTag, stableTag } from "./rules/images.ts";
import { noNestedDefaults, noVariableDurations, noVariableKeys, noVariableNumbers } from "./rules/interpolation.ts";
import { operatorLabels } from "./rules/labels.ts";
import {
  abraShExists,
  appService,
  composeExists,
  composeFileNames,
  sampleExists,
  versionsOfConfigs,
} from "./rules/layout.ts";
import { namesFit, namesTaken } from "./rules/names.ts";
import { overlaysUsable } from "./rules/overlays.ts";
import { portsFree } from "./rules/ports.ts";
import { filesReadable, loadable, loadableWithoutOptions, variablesDefined } from "./rules/readable.ts";
import { metadataFilledIn, metadataTrue } from "./rules/readme.ts";
import { annotatedTags, hosted, released } from "./rules/repository.ts";
import { versionsReachOperators } from "./rules/rotation.ts";
import { resolverNamed, routed } from "./rules/routing.ts";
import { domainReplaced, setOnce, typeIsRecipe, valuesWhole } from "./rules/sample.ts";
import { secretsMounted } from "./rules/secret-paths.ts";
import {
  secretsMakeable,
  secretVersionsGiven,
  secretVersionsUsed,
  shortSecretNames,
  valuesAsWritten,
} from "./rules/secrets.ts";
import { deadTmpfs, healthchecks, traefikEnabled } from "./rules/service.ts";
import { ownNamesLookedUp, ownRouters } from "./rules/shared.ts";
import { configFiles, noPointers, templateFiles, templateVariables } from "./rules/template.ts";
import { declaredMounted } from "./rules/unmounted.ts";
import { upgradable } from "./rules/upgrade.ts";
import { versionLabel, versionOfImage } from "./rules/version-label.ts";

/** Every rule: abra's own under its numbers, then this project's. */
export const RULES: readonly Rule[] = [
  composeVersion,
  healthchecks,
  hasTag,
  stableTag,
  orderedTag,
  released,
  metadataFilledIn,
  sampleExists,
  appService,
  traefikEnabled,
  hasImage,
  abraShExists,
  hosted,
  annotatedTags,
  shortSecretNames,
  filesReadable,
  loadable,
  loadableWithoutOptions,
  variablesDefined,
  composeExists,
  composeFileNames,
  oneVersion,
  deadTmpfs,
  overlaysUsable,
  noVariableDurations,
  noVariableNumbers,
  noNestedDefaults,
  templateFiles,
  templateVariables,
  configFiles,
  configVersionBumped,
  secretsMakeable,
  secretVersionsUsed,
  secretVersionsGiven,
  valuesAsWritten,
  namesFit,
  versionLabel,
  backupLabels,
  databaseDump,
  metadataTrue,
  namesTaken,
  operatorLabels,
  noVariableKeys,
  secretsMounted,
  routed,
  domainReplaced,
  typeIsRecipe,
  noCredentials,
  versionOfImage,
  dumpRestored,
  portsFree,
  versionsReachOperators,
  valuesWhole,
  noPointers,
  nothingIgnored,
  upgradable,
  ownNamesLookedUp,
  ownRouters,
  resolverNamed,
  modesMeant,
  programsRun,
  healthAsked,
  oneServer,
  templatesExpanded,
  numbersQuoted,
  entriesPlain,
  setOnce,
  versionsOfConfigs,
  aliasesOwn,
  declaredMounted,
  dumpsReplaced,
];

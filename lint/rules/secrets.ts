import { assertNames } from "../../compose/objects/name-rules.ts";
import { namedObjects } from "../../compose/objects/objects.ts";
import { charsetWarning, lengthOf, lengthWarning } from "../../compose/objects/secret-values.ts";
import { doubtfulSecrets, secretSpecs } from "../../compose/objects/secrets.ts";
import { findingsOf, toFinding } from "../findings.ts";
import type { Rule } from "../rule.ts";
import { isLeftOut, missingVersions } from "../secret-versions.ts";

const VERSION_VARIABLE = /^SECRET_\w+_VERSION$/;

export const shortSecretNames: Rule = {
  id: "R015",
  level: "warning",
  title: "Names of secrets have 12 characters or less",
  why: "Stack, name and version together must fit into the 64 characters of a Swarm secret.",
  remedy: "Choose a shorter name; running apps need the secret inserted anew.",
  check: ({ head }) =>
    Object.keys(head.merged?.secrets ?? {})
      .filter((key) => key.length > 12)
      .map((key) => ({
        message: `secret ${key} has ${key.length} characters`,
        kind: "secrets have names of more than 12 characters",
        ...head.at("secrets", key),
      })),
};

export const secretsMakeable: Rule = {
  id: "C017",
  level: "error",
  title: "abra can make every secret that a service uses",
  why: "abra app deploy stops at a secret that is not external or has no version.",
  remedy: `Write external: true, name: \${STACK_NAME}_x_\${SECRET_X_VERSION}, and SECRET_X_VERSION=v1 in .env.sample.`,
  check: ({ head }) => {
    const told = new Set(missingVersions(head).map(({ secret }) => secret));
    const isJudged = (key: string) => !told.has(key) && !isLeftOut(head, "secrets", key);
    const services = head.services.map((service) => ({
      ...service,
      secrets: service.secrets.filter(({ key }) => isJudged(key)),
    }));
    const { merged = {}, files, namespace, optional } = head;
    const sources = { compose: merged, files, namespace, entries: head.sample?.entries ?? [], optional };
    const named = namedObjects({ compose: { secrets: merged.secrets }, services, namespace });
    return [
      ...findingsOf(head, () => secretSpecs(services, sources)),
      ...doubtfulSecrets(services, sources).map((error) => toFinding(head, error)),
      ...findingsOf(head, () =>
        assertNames(
          named.filter(({ kind, key }) => kind === "secrets" && isJudged(key)),
          files,
        ),
      ),
    ];
  },
};

export const secretVersionsUsed: Rule = {
  id: "C018",
  level: "warning",
  title: "Every SECRET_*_VERSION of .env.sample is used",
  why: "An operator generates a secret that nothing reads, or the secret meant has another name.",
  remedy: "Remove the line, or use the variable in the secret's name.",
  check: ({ head }) => {
    // In a compose file that can't be read any of them may be used.
    if (head.unreadable.some(({ place }) => ![".env.sample", "abra.sh"].includes(place?.file ?? ""))) return [];
    const used = new Set(head.files.flatMap(({ variables }) => variables.map(({ name }) => name)));
    return [...(head.sample?.entries ?? []), ...head.optional]
      .filter(({ key }) => VERSION_VARIABLE.test(key) && !used.has(key))
      .map(({ key, line }) => ({
        message: `${key} is used by no compose file`,
        kind: "versions are used by no compose file",
        file: ".env.sample",
        line,
      }));
  },
};

export const secretVersionsGiven: Rule = {
  id: "C019",
  level: "error",
  title: "The version variable of every secret is in .env.sample",
  why: "The secret's name ends in _ and abra says: missing version for secret?",
  remedy: "Add it to .env.sample, commented out where it belongs to an option: SECRET_X_VERSION=v1.",
  claims: /ends in "_"/,
  check: ({ head }) =>
    missingVersions(head).map(({ secret, variable, file, line }) => ({
      message: `secret ${secret}: ${variable} is not in .env.sample`,
      file,
      line,
    })),
};

export const valuesAsWritten: Rule = {
  id: "C020",
  level: "warning",
  title: "abra makes every secret's value as .env.sample says: it knows the charset, and the length is above 0",
  why: "abra takes letters and digits, or a passphrase of words, without a word.",
  remedy: "Use default, special, safespecial, or default with one of them after a comma; and length=32, or no length.",
  check: ({ head }) =>
    [...(head.sample?.entries ?? []), ...head.optional].flatMap(
      ({ key, modifiers: { charset, length = "" }, odd = [], line }) =>
        [charsetWarning({ charset }), lengthWarning(lengthOf(length)), ...odd].flatMap((warning) =>
          warning ? [{ message: `${key}: ${warning}`, file: ".env.sample", line }] : [],
        ),
    ),
};

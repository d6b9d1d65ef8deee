import { asRecord } from "../../compose/files/compose-file.ts";
import type { ComposeSource } from "../places.ts";
import { locate } from "../places.ts";
import type { Rule } from "../rule.ts";

export const composeVersion: Rule = {
  id: "R001",
  level: "warning",
  title: 'Every compose file has version "3.8"',
  why: "It is the version abra's tools and all recipes agree on.",
  remedy: 'Write version: "3.8".',
  check: ({ head }) =>
    head.files
      .filter((file) => versionOf(file) !== "3.8")
      .map((file) => ({
        message: versionOf(file) === undefined ? "there is no version" : `version is "${versionOf(file)}"`,
        kind: "compose files have another version",
        ...locate([file], ["version"]),
      })),
};

export const oneVersion: Rule = {
  id: "C007",
  level: "error",
  title: "All compose files have the same version",
  why: 'docker/cli merges no files of different versions; "3" or none counts as 3.13.',
  remedy: 'Write version: "3.8" in every file.',
  check: ({ head }) => {
    const [first] = head.files;
    return head.files
      .filter((file) => first && schemaOf(file) !== schemaOf(first))
      .map((file) => ({
        message: `version ${versionOf(file) ?? "(none)"}, but ${first?.path} has ${(first && versionOf(first)) ?? "none"}`,
        ...locate([file], ["version"]),
      }));
  },
};

/** What docker/cli reads a file as (cli/compose/schema: Version). */
function schemaOf(file: ComposeSource): string {
  const version = versionOf(file) ?? "";
  return version === "" || version === "3" ? "3.13" : version;
}

function versionOf(file: ComposeSource): string | undefined {
  const { version } = asRecord(file.raw);
  return version === undefined || version === null ? undefined : String(version);
}

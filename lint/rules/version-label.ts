import { imageName } from "../../compose/convert/image-name.ts";
import { parseVersion } from "../../source/version.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Rule } from "../rule.ts";

export const versionLabel: Rule = {
  id: "C022",
  level: "error",
  title: "Service app has a version label x.y.z+app",
  why: "abra reads from it which version runs, and what it can be upgraded to.",
  remedy: `Add "coop-cloud.\${STACK_NAME}.version=1.0.0+<tag of the app image>", or run abra recipe sync.`,
  check: ({ head }) => {
    const app = head.services.find(({ key }) => key === "app");
    if (!app) return [];
    const value = app.labels[`coop-cloud.${head.namespace}.version`];
    if (value !== undefined && parseVersion(value)?.app) return [];
    const { file, line } = placeOfLabel(head);
    const wrong = value === "" ? "the version label is empty" : `version label "${value}" is not x.y.z+app`;
    return [{ message: value === undefined ? "there is no version label" : wrong, file, line }];
  },
};

export const versionOfImage: Rule = {
  id: "C035",
  level: "warning",
  title: "The version label ends in the tag of the app image",
  why: "Operators read from it which version of the app they get, and abra which is the newer one.",
  remedy: "Run abra recipe sync, or write the tag behind the + of the label.",
  check: ({ head }) => {
    const app = head.services.find(({ key }) => key === "app");
    const said = parseVersion(app?.labels[`coop-cloud.${head.namespace}.version`] ?? "")?.app;
    const { tag } = imageName(app?.image ?? "");
    if (!said || !tag || plain(said) === plain(tag)) return [];
    const { file, line } = placeOfLabel(head);
    return [{ message: `the version label says ${said}, and the image of service app is of tag ${tag}`, file, line }];
  },
};

/** A `v` at the front is written in one place and left out in another. */
function plain(version: string): string {
  return version.replace(/^v(?=\d)/, "");
}

function placeOfLabel(head: RecipeState) {
  const written = head.labels("app").find(({ text }) => /^coop-cloud\..*\.version(=|$)/.test(text));
  return written ?? head.at("services", "app", "deploy", "labels");
}

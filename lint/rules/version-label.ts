import { parseVersion } from "../../source/version.ts";
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
    const written = head.labels("app").find(({ text }) => /^coop-cloud\..*\.version(=|$)/.test(text));
    const { file, line } = written ?? head.at("services", "app", "deploy", "labels");
    const wrong = value === "" ? "the version label is empty" : `version label "${value}" is not x.y.z+app`;
    return [{ message: value === undefined ? "there is no version label" : wrong, file, line }];
  },
};

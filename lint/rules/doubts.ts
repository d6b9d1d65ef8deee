import type { Doubt } from "../../compose/convert/doubt.ts";
import { doubtsIn } from "../doubts.ts";
import type { Rule, RuleInfo } from "../rule.ts";

/** A rule that tells what loading warns of, one kind each. */
function ruleOf(kind: Doubt["kind"], rule: RuleInfo): Rule {
  return {
    ...rule,
    check: async ({ head }) => {
      const found = (await doubtsIn(head)).filter((one) => one.kind === kind);
      return found.map(({ path, message, remedy, fails }) => ({
        message,
        remedy,
        level: fails ? ("error" as const) : ("warning" as const),
        ...head.at(...path),
      }));
    },
  };
}

export const modesMeant = ruleOf("mode", {
  id: "C046",
  level: "warning",
  title: "Every mode of a secret or config is octal, and lets the service's user read it",
  why: "docker takes digits without a 0 before them for decimal ones: mode: 400 is 0620.",
  remedy: "Write mode: 0444, or leave it out.",
});

export const programsRun = ruleOf("program", {
  id: "C047",
  level: "error",
  title: "Every config that is run as a program has an x in its mode, and a first line that names an interpreter",
  why: "A config's mode is 0444 where nothing else is said: the start ends with 'permission denied'.",
  remedy: "Write mode: 0555 beside its target.",
});

export const healthAsked = ruleOf("health", {
  id: "C048",
  level: "warning",
  title: "Every test of a health check is run as it reads: CMD and its words, or CMD-SHELL and one text",
  why: "Without CMD nothing is ever run, and only CMD-SHELL has a shell for pipes and variables.",
  remedy: "Write the command as one text after CMD-SHELL.",
});

export const oneServer = ruleOf("data", {
  id: "C049",
  level: "warning",
  title: "No two servers of a database have one volume",
  why: "They write over each other's data.",
  remedy: "Write replicas: 1 and order: stop-first.",
});

export const templatesExpanded = ruleOf("template", {
  id: "C050",
  level: "warning",
  title: "Every config that is written as a template of Swarm's has template_driver: golang",
  why: "Swarm leaves the file as it is: the app gets the braces.",
  remedy: "Write template_driver: golang.",
});

export const numbersQuoted = ruleOf("number", {
  id: "C051",
  level: "warning",
  title: "No text without quotes is a number that YAML writes otherwise",
  why: "A version 1.10 becomes 1.1, and 0755 becomes 493.",
  remedy: "Put the value in quotes.",
});

export const entriesPlain = ruleOf("list", {
  id: "C052",
  level: "warning",
  title: "No entry of a list has quotes or blanks around =",
  why: "docker takes them for a part of the value or the name.",
  remedy: "Write name=value, with quotes around the whole entry where YAML needs them.",
});

export const aliasesOwn = ruleOf("alias", {
  id: "C055",
  level: "warning",
  title: "No two services of different images have one name in a network",
  why: "Docker answers with the addresses of both: connections go to the wrong one now and then.",
  remedy: "Give one of them another alias.",
});

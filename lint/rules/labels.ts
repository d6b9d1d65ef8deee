import type { Rule } from "../rule.ts";

/** Labels that abra, backup-bot-two and Traefik's Swarm provider read, all of them those of the service. */
const OPERATORS = /^(traefik|backupbot|coop-cloud)\./;

export const operatorLabels: Rule = {
  id: "C028",
  level: "error",
  title: "Labels for abra, backup-bot-two and Traefik are in deploy.labels",
  why: "Those of labels: go to the containers, where nobody reads them: no route, no backup, no version.",
  remedy: "Move them from labels to deploy.labels.",
  check: ({ head }) =>
    head.services.flatMap(({ key, labels, containerLabels }) => {
      // Who has both, for another tool, loses nothing.
      const lost = Object.keys(containerLabels).filter(
        (label) => OPERATORS.test(label) && !Object.hasOwn(labels, label),
      );
      const [first = ""] = lost;
      if (!first) return [];
      const written = head.labels(key, ["labels"]).find(({ text }) => OPERATORS.test(text));
      const { file, line } = written ?? head.at("services", key, "labels");
      const more = lost.length > 1 ? ` and ${lost.length - 1} more` : "";
      return [{ message: `service ${key}: ${first}${more} under labels`, file, line }];
    }),
};

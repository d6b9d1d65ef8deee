// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { sharedLookups, sharedRouters } from "../../compose/labels/shared-names.ts";
import type { Rule } from "../rule.ts";

export const ownNamesLookedUp: Rule = {
  id: "C043",
  level: "warning",
  title: "No service in proxy looks another up by a name that other apps have there too",
  why: "Every service in proxy bears its key as an alias there: the answer may come from another app.",
  remedy: "Use the service's whole name, which no other app has: ${STACK_NAME}_app.",
  check: ({ head }) =>
    sharedLookups(head).map(({ service, name, where, common }) => ({
      message: `${service} looks for "${name}" (${where}), a name that ${common ? "nearly every app has" : "other apps may have"} in proxy`,
      level: common ? "error" : "warning",
      ...head.at("services", service, where.startsWith("environment ") ? "environment" : "command"),
    })),
};

export const ownRouters: Rule = {
  id: "C044",
  level: "warning",
  title: "Every router, service and middleware for Traefik has a name of the app's own",
  why: "Traefik takes two of one name for one: a second app of the recipe breaks the first, or gets its requests.",
  remedy: "Put ${STACK_NAME} into the name.",
  check: ({ head }) =>
    sharedRouters(head, head.namespace).map((what) => {
      const part = `.${what.replace(" ", "s.")}.`;
      const key = head.services.find(({ labels }) => Object.keys(labels).some((one) => one.includes(part)))?.key;
      const written = head.labels(key ?? "app").find(({ text }) => text.includes(part));
      const { file, line } = written ?? head.at("services", key ?? "app", "deploy", "labels");
      return { message: `${what} of ${key} bears no name of the app's own`, file, line };
    }),
};

import { interpolate } from "../../compose/files/variables.ts";
import { withoutResolver } from "../../compose/labels/entry-points.ts";
import { routing } from "../../compose/labels/routes.ts";
import { asTraefikReads } from "../../compose/labels/traefik-labels.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

/** A run's platform does not serve it; an operator's Traefik may be set to, which nothing in a recipe tells. */
const OLD_SYNTAX = "syntax of Traefik 2";

/** Several hosts in one matcher are the form that Co-op Cloud itself gives EXTRA_DOMAINS: no finding of each recipe. */
const SEVERAL = "takes one value there";

/** What to do about the problems that the rule's own remedy does not fit, by words of theirs. */
const REMEDIES = [
  ["and no router", "Add the deploy labels rule, with Host of DOMAIN, and entrypoints=web-secure of a router."],
  ["no deploy label traefik.enable=true", 'Add "traefik.enable=true" to deploy.labels.'],
  ["not true: Traefik passes it over", 'Write "traefik.enable=true".'],
  ["which Traefik has", "Take the port out of ports: Traefik sends requests on to the one in the label."],
  ["@docker", "Write @swarm, or leave the provider out."],
  [OLD_SYNTAX, "Write the rule as Traefik 3 reads it, or ask for the former syntax by the label ruleSyntax."],
  ["in turn, whichever was meant", "Give the service of each a name of its own, and name it in its router."],
  ["is another than", 'Write "name=value", without blanks around = and without a colon.'],
  ["have the same rule", "Give one of them a host or a path of its own, or take it out."],
  ["every other app of the server", "Let the rule begin with Host of DOMAIN, then &&."],
  ["has both kinds", "Leave one of them out."],
  [
    "does not know, so it passes",
    "Correct or remove the label: for one that it does not know Traefik takes none of them.",
  ],
  ["of Traefik 1", "Write labels of Traefik 3: a router with rule and entrypoints, and a service with its port."],
  ["operators' Traefik calls", "Write entrypoints=web-secure, for plain HTTP web."],
  ["no whole hash", "Write $$ for each $ of the hash."],
] as const;

export const routed: Rule = {
  id: "C031",
  level: "error",
  title: "Traefik finds its way to every service that is shown by it",
  why: "Operators' Traefik is in the network proxy and reads deploy labels alone: nobody reaches the app.",
  remedy: "Put the service into the external network proxy, and give its port as a number in deploy.labels.",
  check: ({ head }) => {
    // What is written in labels has a rule of its own.
    const services = asTraefikReads(head).map((service) => ({ ...service, containerLabels: {} }));
    const problems = routing({ services }).problems.filter((problem) => !problem.includes(SEVERAL));
    const isTold = (key: string) => problems.some((problem) => problem.includes(`reach ${key}: `));
    const without = services
      .filter(({ key, labels, networks }) => {
        const isShown = labels["traefik.enable"]?.toLowerCase() === "true";
        const isThere = networks.some(({ name }) => name === "proxy" || name === labels["traefik.docker.network"]);
        return isShown && !isThere && !isTold(key);
      })
      .map(({ key }) => `${key} has traefik.enable=true and is not in the network proxy`);
    return [...problems, ...without].map((message) => {
      const [, remedy] = REMEDIES.find(([words]) => message.includes(words)) ?? [];
      const level = message.includes(OLD_SYNTAX) ? ({ level: "warning" } as const) : {};
      return { message, ...(remedy && { remedy }), ...level, ...placeIn(head, message) };
    });
  },
};

export const resolverNamed: Rule = {
  id: "C045",
  level: "warning",
  title: "Every router at web-secure names a resolver of certificates",
  why: "Most operators' Traefik then has no certificate for it: browsers warn of its own, or get its 404.",
  remedy: `Add the label traefik.http.routers.<router>.tls.certresolver=\${LETS_ENCRYPT_ENV}.`,
  check: ({ head }) => withoutResolver(asTraefikReads(head)).map((message) => ({ message, ...placeIn(head, message) })),
};

/** The service's label for Traefik, or its first; the message names the service. */
function placeIn(head: RecipeState, message: string): Pick<Finding, "file" | "line"> {
  const words = new Set(message.split(/[\s,:]+/));
  const key = head.services.find((service) => words.has(service.key))?.key ?? "app";
  const labels = head.labels(key).filter(({ text }) => text.startsWith("traefik."));
  const unknown = / has the label (traefik\.\S+?),? /.exec(message)?.[1];
  const isNamed = ({ text }: { text: string }) => interpolate(text.split("=")[0] ?? "", head.env) === unknown;
  const { file, line } = labels.find(isNamed) ?? labels[0] ?? head.at("services", key, "deploy", "labels");
  return { file, line };
}

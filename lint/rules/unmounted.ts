import type { Rule } from "../rule.ts";

export const declaredMounted: Rule = {
  id: "C056",
  level: "warning",
  title: "Every secret and config that is declared is mounted by a service",
  why: "An operator generates a secret, or raises a config's version, that no container ever sees.",
  remedy: "Add it to the secrets or configs of the service that reads it, or remove it.",
  check: ({ head, combinations }) => {
    // In a compose file that can't be read any of them may be mounted.
    if (combinations.some(({ unreadable }) => unreadable.length > 0)) return [];
    return (["secrets", "configs"] as const).flatMap((kind) => {
      // One for an option may be declared beside the others.
      const services = combinations.flatMap((one) => one.services);
      const mounted = new Set(services.flatMap((service) => service[kind].map(({ key }) => key)));
      return Object.keys(head.merged?.[kind] ?? {})
        .filter((key) => !mounted.has(key))
        .map((key) => ({
          message: `no service mounts ${kind.slice(0, -1)} ${key}`,
          kind: `${kind} are mounted by no service`,
          ...head.at(kind, key),
        }));
    });
  },
};

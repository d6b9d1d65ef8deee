import type { Rule } from "../rule.ts";

export const portsFree: Rule = {
  id: "C037",
  level: "error",
  title: "No service with a port of mode host is updated start-first",
  why: "The new task waits for the port that the old one has, on a Swarm of one node for ever.",
  remedy: "Write order: stop-first, or leave it out.",
  check: ({ head }) =>
    head.services
      .filter(({ updateConfig, ports }) => {
        const takesPort = ports.some(({ mode, published }) => mode === "host" && published !== undefined);
        return updateConfig?.order === "start-first" && takesPort;
      })
      .map(({ key }) => ({
        message: `service ${key} starts its new task beside the old one, and both want the same port`,
        ...head.at("services", key, "deploy", "update_config", "order"),
      })),
};

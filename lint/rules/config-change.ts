import { keptBySwarm } from "../../diff/configs.ts";
import type { ConfigFile } from "../config-files.ts";
import type { Rule } from "../rule.ts";

export const configVersionBumped: Rule = {
  id: "C016",
  level: "error",
  title: "A config whose file changed since the last release has a new version",
  why: "Swarm never changes a config: an upgrade fails with 'only updates to Labels are allowed'.",
  remedy: "Raise the config's version in abra.sh.",
  check: ({ head, base }) => {
    const before = base?.states.flatMap(({ configs }) => configs).filter(isRead) ?? [];
    return head.configs.filter(isRead).flatMap((config) => {
      const { key, file } = config;
      const kept = keptBySwarm(before, config, ({ content }) => content);
      if (!base || kept.length === 0) return [];
      const what = kept.includes("content") ? file : "the template driver";
      const message = `${what} changed since ${base.version.text}, but config ${key} has the same name`;
      return [{ message, ...head.at("configs", key, "name") }];
    });
  },
};

/** A file that can't be read is C015's. */
function isRead(config: ConfigFile): config is ConfigFile & { content: string } {
  return typeof config.content === "string";
}

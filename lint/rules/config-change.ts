import type { Rule } from "../rule.ts";

export const configVersionBumped: Rule = {
  id: "C016",
  level: "error",
  title: "A config whose file changed since the last release has a new version",
  why: "Swarm never changes a config: an upgrade fails with 'only updates to Labels are allowed'.",
  remedy: "Raise the config's version in abra.sh.",
  check: async ({ head, base }) => {
    const findings = head.configs.map(async (config) => {
      const before = base?.state.configs.find(({ name }) => name === config.name);
      if (!base || !before) return [];
      const [was, is] = await Promise.all([base.state.read(before.file), head.read(config.file)]);
      if (was === is && (before.templateDriver ?? "") === (config.templateDriver ?? "")) return [];
      const message = `${config.file} changed since ${base.version.text}, but config ${config.key} has the same name`;
      return [{ message, ...head.at("configs", config.key, "name") }];
    });
    return (await Promise.all(findings)).flat();
  },
};

import { similarCompose } from "../../compose/files/similar-name.ts";
import type { Rule } from "../rule.ts";

export const sampleExists: Rule = {
  id: "R008",
  level: "error",
  title: "The recipe has an .env.sample",
  why: "abra app new copies it: without one no app can be made.",
  remedy: "Add .env.sample with at least TYPE and, for a web app, DOMAIN.",
  claims: /\.env\.sample/,
  check: ({ head }) => (head.paths.includes(".env.sample") ? [] : [{ message: "there is no .env.sample" }]),
};

export const appService: Rule = {
  id: "R009",
  level: "error",
  title: "One service is named app",
  why: "abra keeps version and labels on service app and runs commands in it by default.",
  remedy: "Name the main service app.",
  claims: /no service is named/,
  check: ({ head }) => {
    if (!head.merged || Object.hasOwn(head.merged.services ?? {}, "app")) return [];
    return [{ message: "no service is named app", ...head.at("services") }];
  },
};

export const abraShExists: Rule = {
  id: "R012",
  level: "error",
  title: "A recipe whose services use configs has an abra.sh",
  why: "The versions of configs are exported there; without them a changed config cannot be deployed.",
  remedy: "Add abra.sh with one line for each config: export NAME_VERSION=v1.",
  check: ({ head }) => {
    const user = head.services.find(({ configs }) => configs.length > 0);
    if (!user || head.abraSh) return [];
    return [
      {
        message: `service ${user.key} uses configs, but there is no abra.sh`,
        ...head.at("services", user.key, "configs"),
      },
    ];
  },
};

export const versionsOfConfigs: Rule = {
  id: "C054",
  level: "warning",
  title: "Every *_VERSION that abra.sh exports is used",
  why: "The config meant keeps its name however often it is raised: a changed file is refused, or never comes.",
  remedy: "Use it in the name of the config, or remove the line.",
  check: async ({ head, combinations }) => {
    // In a compose file that can't be read any of them may be used.
    if (head.unreadable.length > 0) return [];
    const shell = (await head.read("abra.sh")) ?? "";
    const configs = new Set(combinations.flatMap((one) => one.configs.map(({ file }) => file)));
    const texts = await Promise.all([...configs].map(async (file) => (await head.read(file)) ?? ""));
    const used = new Set(head.files.flatMap(({ variables }) => variables.map(({ name }) => name)));
    return shell.split("\n").flatMap((text, index) => {
      const key = /^export\s+(\w+_VERSION)=/.exec(text)?.[1];
      if (key === undefined || used.has(key)) return [];
      const uses = [shell.replace(text, ""), ...texts];
      if (uses.some((other) => new RegExp(`\\b${key}\\b`).test(other))) return [];
      return [{ message: `${key} is used by no compose file`, file: "abra.sh", line: index + 1 }];
    });
  },
};

export const composeExists: Rule = {
  id: "C005",
  level: "error",
  title: "The recipe has a compose.yml",
  why: "It is what abra deploys where COMPOSE_FILE says nothing.",
  remedy: "Add compose.yml, or archive the recipe.",
  check: ({ head }) => {
    if (head.paths.includes("compose.yml")) return [];
    const similar = similarCompose("compose.yml", head.paths);
    if (similar === undefined) return [{ message: "there is no compose.yml" }];
    const message = `there is no compose.yml, but ${similar}, which abra does not read`;
    return [{ message, remedy: `Rename ${similar} to compose.yml.`, file: similar, line: 1 }];
  },
};

export const composeFileNames: Rule = {
  id: "C006",
  level: "error",
  title: "Every file that COMPOSE_FILE names is in the recipe",
  why: "The app cannot be deployed, or not with the option that a commented-out line offers.",
  remedy: "Correct the name in .env.sample, or add the file.",
  check: ({ head }) => {
    const accounted = new Set(head.paths);
    return [...(head.sample?.entries ?? []), ...head.optional]
      .filter(({ key }) => key === "COMPOSE_FILE")
      .flatMap(({ value, line }) => value.split(":").map((path) => ({ path, line })))
      .filter(({ path }) => path !== "" && !accounted.has(path) && accounted.add(path))
      .map(({ path, line }) => {
        const similar = similarCompose(path, head.paths);
        return {
          message: `COMPOSE_FILE names ${path}, which is not there`,
          ...(similar && { remedy: `Rename ${similar} to ${path}.` }),
          file: ".env.sample",
          line,
        };
      });
  },
};

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

export const composeExists: Rule = {
  id: "C005",
  level: "error",
  title: "The recipe has a compose.yml",
  why: "It is what abra deploys where COMPOSE_FILE says nothing.",
  remedy: "Add compose.yml, or archive the recipe.",
  check: ({ head }) => (head.paths.includes("compose.yml") ? [] : [{ message: "there is no compose.yml" }]),
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
      .map(({ path, line }) => ({
        message: `COMPOSE_FILE names ${path}, which is not there`,
        file: ".env.sample",
        line,
      }));
  },
};

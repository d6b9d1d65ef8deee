import { missingSecrets } from "../../compose/objects/secret-paths.ts";
import type { Rule } from "../rule.ts";

export const secretsMounted: Rule = {
  id: "C030",
  level: "error",
  title: "Every variable that names a file in /run/secrets has that secret mounted in its service",
  why: "The file is not there: most programs stop as they start, some go on without a password.",
  remedy: "Add the secret to the service's secrets, or correct the path; it ends in the secret's target.",
  check: ({ head }) =>
    head.services.flatMap((service) =>
      missingSecrets(service).map(({ variable, path }) => {
        const message = `service ${service.key}: ${variable} names ${path}, and no secret is mounted there`;
        const written = head.labels(service.key, ["environment"]).find(({ text }) => text.startsWith(`${variable}=`));
        const { file, line } = written ?? head.at("services", service.key, "environment");
        return { message, kind: "variables name a secret that is not mounted", file, line };
      }),
    ),
};

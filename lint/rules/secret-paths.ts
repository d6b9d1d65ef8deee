import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { Rule } from "../rule.ts";

/** `/run/secrets/x`, plain or as a URL, as the whole of a value. */
const PATH = /^(?:file:(?:\/\/)?)?(\/run\/secrets\/[^\s:,;]+)$/;

export const secretsMounted: Rule = {
  id: "C030",
  level: "error",
  title: "Every variable that names a file in /run/secrets has that secret mounted in its service",
  why: "The file is not there: most programs stop as they start, some go on without a password.",
  remedy: "Add the secret to the service's secrets, or correct the path; it ends in the secret's target.",
  check: ({ head }) =>
    head.services.flatMap((service) =>
      Object.entries(service.env).flatMap(([name, value]) => {
        const path = PATH.exec(value ?? "")?.[1];
        if (!path || isThere(path, service)) return [];
        const message = `service ${service.key}: ${name} names ${path}, and no secret is mounted there`;
        const written = head.labels(service.key, ["environment"]).find(({ text }) => text.startsWith(`${name}=`));
        const { file, line } = written ?? head.at("services", service.key, "environment");
        return [{ message, kind: "variables name a secret that is not mounted", file, line }];
      }),
    ),
};

/** A config or a volume may be mounted there as well. */
function isThere(path: string, { secrets, configs, mounts }: ServiceSpec): boolean {
  const files = [
    ...secrets.map(({ file }) => (file.startsWith("/") ? file : `/run/secrets/${file}`)),
    ...configs.map(({ file }) => (file.startsWith("/") ? file : `/${file}`)),
  ];
  return files.includes(path) || mounts.some(({ target }) => path === target || path.startsWith(`${target}/`));
}

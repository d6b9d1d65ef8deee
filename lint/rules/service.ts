import type { Healthcheck } from "../../compose/app-spec.ts";
import { alwaysPasses } from "../../lib/swarm/health-test.ts";
import { lacksHealthcheck } from "../healthchecks.ts";
import { locate, servicesOf } from "../places.ts";
import type { Rule } from "../rule.ts";

export const healthchecks: Rule = {
  id: "R002",
  level: "warning",
  title: "Every service that keeps running has a health check",
  why: "Without one the Swarm calls a service running that serves nothing, and replaces a good one by it.",
  remedy: "Add a healthcheck that asks the service itself, with a program that its image has.",
  check: ({ head }) =>
    head.services.filter(lacksHealthcheck).map(({ key, healthcheck }) => ({
      message: `service ${key} has ${what(healthcheck)}`,
      kind: "services have no health check",
      ...head.at("services", key, "healthcheck"),
    })),
};

function what(healthcheck: Healthcheck | undefined): string {
  if (!healthcheck) return "no health check";
  if (alwaysPasses(healthcheck.test)) return "a health check that passes whatever becomes of it";
  return healthcheck.test ? "its health check switched off" : "times for a health check, and no test";
}

export const traefikEnabled: Rule = {
  id: "R010",
  level: "error",
  title: "Some service has the deploy label traefik.enable=true",
  why: "Traefik shows nothing of an app without it. Recipes without DOMAIN need none.",
  remedy: 'Add "traefik.enable=true" to the deploy.labels of the service that serves the web.',
  check: ({ head }) => {
    const services = Object.values(head.merged?.services ?? {});
    const exposed = services.some(({ deploy }) => deploy?.labels?.["traefik.enable"]?.toLowerCase() === "true");
    if (!head.merged || !("DOMAIN" in head.env) || exposed) return [];
    return [{ message: "no service is shown by Traefik", ...head.at("services", "app", "deploy", "labels") }];
  },
};

export const deadTmpfs: Rule = {
  id: "C008",
  level: "warning",
  title: "No service uses the key tmpfs",
  why: "docker stack deploy drops it without a word: the path stays on disk, or read-only.",
  remedy: "Write a volume: - {type: tmpfs, target: /path}.",
  check: ({ head }) =>
    head.files.flatMap((file) =>
      servicesOf(file)
        .filter(([, service]) => service.tmpfs !== undefined)
        .map(([key]) => ({
          message: `service ${key}: tmpfs is never mounted`,
          kind: "services use tmpfs, which is never mounted",
          ...locate([file], ["services", key, "tmpfs"]),
        })),
    ),
};

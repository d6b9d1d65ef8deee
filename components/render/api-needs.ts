import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";

/** A key and the Engine API that first knew it (moby docs/api/version-history.md). */
const NEEDS: { key: string; api: string; docker: string; used: (service: ServiceSpec) => boolean }[] = [
  { key: "cap_add", api: "1.41", docker: "20.10", used: (service) => service.capAdd !== undefined },
  { key: "cap_drop", api: "1.41", docker: "20.10", used: (service) => service.capDrop !== undefined },
  {
    key: "deploy.resources.limits.pids",
    api: "1.41",
    docker: "20.10",
    used: (service) => service.resources?.limits?.pids !== undefined,
  },
  { key: "ulimits", api: "1.41", docker: "20.10", used: (service) => (service.ulimits?.length ?? 0) > 0 },
  { key: "deploy.mode (job)", api: "1.41", docker: "20.10", used: (service) => service.mode.kind.endsWith("-job") },
  {
    key: "volumes.type (cluster)",
    api: "1.42",
    docker: "23.0",
    used: (service) => service.mounts.some((mount) => mount.type === "cluster"),
  },
  {
    key: "healthcheck.start_interval",
    api: "1.44",
    docker: "25.0",
    used: (service) => service.healthcheck?.startInterval !== undefined,
  },
  {
    key: "volumes.volume.subpath",
    api: "1.45",
    docker: "26.0",
    used: (service) => service.mounts.some((mount) => mount.volume?.subpath !== undefined),
  },
  { key: "oom_score_adj", api: "1.46", docker: "27.0", used: (service) => service.oomScoreAdj !== undefined },
];

/** What an app asks for that an engine is too old for: one sentence each, naming both versions. */
export function tooNewFor(app: AppSpec, apiVersion: string): string[] {
  return app.services.flatMap((service) =>
    NEEDS.filter(({ api, used }) => used(service) && isOlder(apiVersion, api)).map(
      ({ key, api, docker }) =>
        `services.${service.key}.${key} needs Docker ${docker} (API ${api}); the node's engine has API ${apiVersion}`,
    ),
  );
}

function isOlder(have: string, need: string): boolean {
  const [haveMajor = 0, haveMinor = 0] = have.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = need.split(".").map(Number);
  return haveMajor !== needMajor ? haveMajor < needMajor : haveMinor < needMinor;
}

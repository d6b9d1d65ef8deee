import type { AppSpec, Port, ServiceSpec } from "../compose/app-spec.ts";
import { hasContainers } from "../compose/convert/lasting.ts";
import { IMAGE_LABEL } from "../compose/convert/scoped-names.ts";
import { httpRoutes } from "../compose/labels/http-routes.ts";
import { attachmentChanges, type InApp, mountChanges, portChanges, referenceChanges } from "./attached.ts";
import type { Change, ChangeArea } from "./change.ts";
import { compareFields, type Fields, field, fieldsOf, type Remark } from "./fields.ts";
import { imageJump } from "./image-jump.ts";

type Compare = (base: InApp, head: InApp) => Change[];
type FieldName = Exclude<keyof ServiceSpec, "key">;

/** How each field of a service is compared: the type sees to it that none is forgotten. */
const COMPARE: Record<FieldName, Compare> = {
  name: (base, head) => plain("name", base, head, "setting"),
  image: (base, head) =>
    plain("image", base, head, "image", () => imageJump(base.service.image, head.service.image), ""),
  labels: (base, head) => records("label", labels(base), labels(head), head.service.key, labelRemark),
  containerLabels: (base, head) => plain("containerLabels", base, head, "label"),
  env: (base, head) => records("env", env(base), env(head), head.service.key),
  mounts: mountChanges,
  secrets: (base, head) => referenceChanges("secrets", base, head),
  configs: (base, head) => referenceChanges("configs", base, head),
  networks: (base, head) => attachmentChanges(base, head),
  ports: portChanges,
  healthcheck: (base, head) => plain("healthcheck", base, head, "healthcheck", healthRemark(head)),
  mode: modeChanges,
  hosts: (base, head) => plain("hosts", base, head, "setting"),
  sysctls: (base, head) => plain("sysctls", base, head, "setting"),
  command: setting("command"),
  args: setting("args"),
  workingDir: setting("workingDir"),
  user: setting("user"),
  hostname: setting("hostname"),
  dns: setting("dns"),
  endpointMode: setting("endpointMode"),
  resources: setting("resources"),
  restartPolicy: setting("restartPolicy"),
  updateConfig: setting("updateConfig"),
  rollbackConfig: setting("rollbackConfig"),
  placement: setting("placement"),
  logDriver: setting("logDriver"),
  stopGracePeriod: setting("stopGracePeriod"),
  stopSignal: setting("stopSignal"),
  init: setting("init"),
  readOnly: setting("readOnly"),
  tty: setting("tty"),
  openStdin: setting("openStdin"),
  capAdd: setting("capAdd"),
  capDrop: setting("capDrop"),
  ulimits: setting("ulimits"),
  isolation: setting("isolation"),
  oomScoreAdj: setting("oomScoreAdj"),
  credentialSpec: setting("credentialSpec"),
};

/** What changes about the services: those that come and go, and the fields of those that stay. */
export function serviceChanges(base: AppSpec, head: AppSpec): Change[] {
  const keys = new Set([...base.services, ...head.services].map(({ key }) => key));
  return [...keys].flatMap((key): Change[] => {
    const old = base.services.find((service) => service.key === key);
    const now = head.services.find((service) => service.key === key);
    if (old && now) {
      const [before, after] = [
        { app: base, service: old },
        { app: head, service: now },
      ];
      return Object.values(COMPARE).flatMap((compare) => compare(before, after));
    }
    const common = { area: "service", subject: key } as const;
    if (now) return [{ ...common, kind: "added", after: now.image, severity: "info" }];
    return old ? [{ ...common, kind: "removed", before: old.image, ...stays(old, base, head) }] : [];
  });
}

/** What a service that head drops means: it goes on, holds its ports, and does beside head's what head's are to do. */
function stays(old: ServiceSpec, base: AppSpec, head: AppSpec): Pick<Change, "severity" | "note" | "replaces"> {
  const { name, ports } = old;
  const running = "abra leaves it running (docker stack deploy without --prune)";
  const taken = head.services.flatMap((service) =>
    ports
      .filter((port) => service.ports.some((other) => clash(port, other)))
      .map(({ published, protocol }) => `port ${published}/${protocol}, which ${service.key} publishes`),
  );
  const refused = 'which Swarm refuses to give twice ("is already in use by service")';
  const holds = taken.length > 0 ? [`it holds ${taken.join(" and ")}, ${refused}`] : [];
  const facts = [...holds, ...(hasContainers(old) ? doneTwice(old, base, head) : [])];
  if (facts.length === 0) return { severity: "warning", note: `${running}: operators run docker service rm ${name}` };
  const note = `${running}, and ${[...new Set(facts)].join(", and ")}: operators would have to run docker service rm ${name} first.`;
  return { severity: "error", note, replaces: old.key };
}

/** What a dropped service and one of head's have both, where the upgrade gave it to the other. */
function doneTwice(old: ServiceSpec, base: AppSpec, head: AppSpec): string[] {
  return [...sharedData(old, base, head), ...sharedRoutes(old, base, head), ...sharedNames(old, base, head)];
}

/** Routers by which Traefik sends requests to it as well, in turns or alone. */
function sharedRoutes({ key }: ServiceSpec, base: AppSpec, head: AppSpec): string[] {
  const before = httpRoutes(base);
  const now = httpRoutes(head);
  return before
    .filter(({ service }) => service === key)
    .flatMap(({ router, rule }) => {
      const same = now.find((route) => route.router === router || route.rule === rule);
      return same ? [`Traefik goes on sending it requests that are ${same.service}'s now (router ${router})`] : [];
    });
}

/** Names that it goes on answering to in a network, where they are another's now. */
function sharedNames(old: ServiceSpec, base: AppSpec, head: AppSpec): string[] {
  const known = (app: AppSpec, key: string) =>
    app.services.flatMap((service) => (service.key === key ? service.networks : []));
  return head.services.flatMap(({ key, networks }) =>
    networks.flatMap(({ name, aliases }) => {
      const had = known(base, key).find((one) => one.name === name)?.aliases ?? [];
      const both = old.networks.filter((one) => one.name === name).flatMap((one) => one.aliases);
      return aliases
        .filter((alias) => both.includes(alias) && !had.includes(alias))
        .map((alias) => `it goes on answering to "${alias}", which is ${key}'s name now`);
    }),
  );
}

/**
 * Volumes that were a dropped service's alone, and that are those of a new one: who goes by another name has two at once
 * on the same data, of which a lock in it tells neither, as both are process 1 of their containers.
 */
function sharedData(old: ServiceSpec, base: AppSpec, head: AppSpec): string[] {
  const others = base.services.filter(({ key }) => key !== old.key);
  const own = written(old).filter(
    (volume) => !others.some(({ mounts }) => mounts.some((one) => one.source === volume)),
  );
  const added = head.services.filter((now) => hasContainers(now) && base.services.every(({ key }) => key !== now.key));
  return added.flatMap(({ key, mounts }) => {
    const both = written({ mounts }).filter((volume) => own.includes(volume));
    const keys = both.map((volume) => base.volumes.find((one) => one.name === volume)?.key ?? volume);
    return keys.map((volume) => `it goes on writing to volume ${volume}, which is ${key}'s now`);
  });
}

/** Names of the volumes that a service may write to. */
function written({ mounts }: Pick<ServiceSpec, "mounts">): string[] {
  return mounts.flatMap(({ type, source, readOnly }) => (type === "volume" && source && !readOnly ? [source] : []));
}

/** Swarm lets two services have one port where both have it in host mode (swarmkit, controlapi/service.go). */
function clash(port: Port, other: Port): boolean {
  if (port.published === undefined || (port.mode === "host" && other.mode === "host")) return false;
  return port.published === other.published && port.protocol === other.protocol;
}

type RemarkOn = (change: Change, path: string) => Remark;

function setting(name: FieldName): Compare {
  return (base, head) => plain(name, base, head, "setting");
}

function plain(
  name: FieldName,
  base: InApp,
  head: InApp,
  area: ChangeArea,
  remark?: RemarkOn,
  path: string = area === name ? "" : name,
): Change[] {
  const fields = ({ service }: InApp) => fieldsOf(service[name], path);
  return compareFields(fields(base), fields(head), { area, subject: head.service.key, remark });
}

function records(area: ChangeArea, base: Fields, head: Fields, subject: string, remark?: RemarkOn): Change[] {
  return compareFields(base, head, { area, subject, remark });
}

/** Swarm refuses it: "service mode change is not allowed" (swarmkit, controlapi/service.go). */
function modeChanges(base: InApp, head: InApp): Change[] {
  const { key, mode } = head.service;
  const refused: Remark = {
    severity: "error",
    replaces: key,
    note: 'Swarm refuses it ("service mode change is not allowed"): operators would have to remove the service first.',
  };
  return plain("mode", base, head, "setting", (_, path) =>
    base.service.mode.kind !== mode.kind && path === "mode.kind" ? refused : {},
  );
}

function healthRemark({ service }: InApp): RemarkOn {
  const off = service.healthcheck?.test?.[0] === "NONE";
  const lost = off
    ? "without one Swarm takes a task for healthy as soon as it runs"
    : "only the image's own health check is left, if it has one";
  return ({ kind }, path) =>
    path === "test" && (off || kind === "removed") ? { severity: "warning", note: lost } : {};
}

function labelRemark({ kind, after }: Change, path: string): Remark {
  if (path !== "backupbot.backup" || kind === "added" || after?.toLowerCase() === "true") return {};
  return { severity: "warning", note: "the app is no longer backed up" };
}

/** Labels; those that repeat another value of the spec compare by it, so that one change is told once. */
function labels({ app, service }: InApp): Fields {
  const prefix = `coop-cloud.${app.namespace}`;
  return record(service.labels, app, {
    [IMAGE_LABEL]: service.image,
    [`${prefix}.version`]: app.version ?? app.commit.slice(0, 8),
    [`${prefix}.timeout`]: String(app.timeoutSeconds),
  });
}

/** Variables, likewise: abra sets TYPE or RECIPE to recipe and version. */
function env({ app, service }: InApp): Fields {
  const type = `${app.recipe}:${app.version ?? app.commit.slice(0, 8)}`;
  return record(service.env, app, { TYPE: type, RECIPE: type });
}

// The commit's first digits stand in for a missing version: they say nothing of the app.
function record(values: Record<string, string | null>, app: AppSpec, repeated: Record<string, string>): Fields {
  const entries = Object.entries(values).map(([name, value]) => {
    const { same, text } = field(name, value);
    const shared = repeated[name] === value ? "as elsewhere" : same.replaceAll(app.commit.slice(0, 8), "the commit");
    return [name, { same: shared, text }] as const;
  });
  return new Map(entries);
}

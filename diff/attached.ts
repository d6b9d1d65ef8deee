import type { AppSpec, FileReference, Mount, NetworkAttachment, Port, ServiceSpec } from "../compose/app-spec.ts";
import type { Change } from "./change.ts";
import { byIdentity, compareFields, type Field, type Fields, fieldsOf, shortened, type Telling } from "./fields.ts";

/** A service as one version of the app has it. */
export interface InApp {
  app: AppSpec;
  service: ServiceSpec;
}

/** What a service mounts, by target. */
export function mountChanges(base: InApp, head: InApp): Change[] {
  const mounts = ({ app, service }: InApp) =>
    attached(
      service.mounts,
      ({ target }) => target,
      ({ type, source }) => (source ? `${type} ${source}` : type),
      (mount) => remaining(withoutVolume(mount, app)),
    );
  return compareAttached(mounts(base), mounts(head), {
    area: "mount",
    subject: head.service.key,
    remark: ({ before, kind }, path) =>
      kind === "changed" && before?.startsWith("volume ") && !path.includes(" ")
        ? { severity: "warning", note: `starts with other data: what was written so far stays in ${before}` }
        : {},
  });
}

/** A mount repeats what its volume says; told once, with the volume. */
function withoutVolume({ target: _target, type: _type, source, volume, ...rest }: Mount, app: AppSpec): object {
  const declared = app.volumes.find(({ name }) => name === source);
  const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);
  const { labels, driver, ...own } = volume ?? {};
  const declaredDriver = { name: declared?.driver ?? "", options: declared?.driverOpts ?? {} };
  return {
    ...rest,
    volume: volume && {
      ...own,
      labels: same(labels, declared?.labels) ? "as the volume" : labels,
      driver: same(driver, declaredDriver) ? "as the volume" : driver,
    },
  };
}

/** The secrets or configs a service sees, by file. */
export function referenceChanges(kind: "secrets" | "configs", base: InApp, head: InApp): Change[] {
  const references = ({ app, service }: InApp) =>
    attached(
      service[kind],
      ({ file }) => file,
      ({ key }) => key,
      ({ key, file: _file, name, ...rest }: FileReference) =>
        new Map([["name", nameField({ key, name }, app[kind])], ...remaining(rest)]),
    );
  const area = kind === "secrets" ? "secret" : "config";
  return compareAttached(references(base), references(head), { area, subject: head.service.key });
}

/** How a service joins its networks. */
export function attachmentChanges(base: InApp, head: InApp): Change[] {
  const attachments = ({ app, service }: InApp) =>
    attached(
      service.networks,
      ({ key }) => key,
      ({ key }) => `network ${key}`,
      ({ key, name, aliases, ...rest }: NetworkAttachment) =>
        new Map([
          ["name", nameField({ key, name }, app.networks)],
          ...remaining({ aliases: [...aliases].sort(), ...rest }),
        ]),
    );
  const telling: Telling = { area: "network", subject: head.service.key };
  return compareAttached(attachments(base), attachments(head), telling);
}

/** The ports a service publishes, by the container's port. */
export function portChanges(base: InApp, head: InApp): Change[] {
  const ports = ({ service }: InApp) =>
    attached(
      service.ports,
      ({ target, protocol }) => `${target}/${protocol}`,
      ({ published, mode }: Port) => `port ${published ?? "chosen by Swarm"}, ${mode} mode`,
      ({ target: _target, protocol: _protocol, published: _published, mode: _mode, ...rest }) => remaining(rest),
    );
  return compareAttached(ports(base), ports(head), {
    area: "port",
    subject: head.service.key,
    remark: ({ kind, after }) => (kind === "removed" ? {} : { note: `${after} must be free on the node` }),
  });
}

/** Each item as one value under its own name, and what else it says under `<name> <field>`. */
function attached<T>(
  items: readonly T[],
  identity: (item: T) => string,
  text: (item: T) => string,
  rest: (item: T) => Fields,
): Map<string, { shown: Field; rest: Fields }> {
  const entries = [...byIdentity(items, identity)].map(([name, item]) => {
    const whole = text(item);
    return [name, { shown: { same: whole, text: shortened(whole) }, rest: rest(item) }] as const;
  });
  return new Map(entries);
}

/** The fields of what is left of an item; nothing left is no field. */
function remaining(rest: object): Fields {
  return Object.values(rest).every((value) => value === undefined) ? new Map() : fieldsOf(rest);
}

/** A new name is told once, with the object; here only a name that is not the object's own. */
function nameField(reference: Named, objects: readonly Named[]): Field {
  const own = objects.some(({ key, name }) => key === reference.key && name === reference.name);
  return { same: own ? "as declared" : JSON.stringify(reference.name), text: reference.name };
}

interface Named {
  key: string;
  name: string;
}

type Attached = ReturnType<typeof attached>;

/** What comes or goes is told as a whole, what stays field by field. */
function compareAttached(base: Attached, head: Attached, telling: Telling): Change[] {
  const fields = (items: Attached, others: Attached): Fields =>
    new Map(
      [...items].flatMap(([name, { shown, rest }]) => [
        [name, shown] as const,
        ...(others.has(name) ? [...rest].map(([path, field]) => [`${name} ${path}`, field] as const) : []),
      ]),
    );
  return compareFields(fields(base, head), fields(head, base), telling);
}

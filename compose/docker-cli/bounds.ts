import { UserError } from "../../lib/errors.ts";
import { asRecord, type ComposeFile, servicesOf } from "../files/compose-file.ts";
import { locate } from "../files/places.ts";
import { interpolate } from "../files/variables.ts";
import { NODE_LIMIT, tooMany } from "../files/yaml.ts";

/** Most bytes of what docker/cli makes of the files. */
export const OUTPUT_LIMIT = 256 << 10;
/** Most services of one compose file. */
const SERVICE_LIMIT = 1000;
/** Most ports of an app: docker/cli writes each of a range out. */
const PORT_LIMIT = 10_000;

/**
 * What makes docker/cli take memory and time out of all proportion to the files' length: aliases, services, ranges
 * of ports, long values put in often. What it writes out is bounded as well, but only after it has made all of it.
 */
export function excesses(files: readonly ComposeFile[], env: Readonly<Record<string, string>>): UserError[] {
  const place = { file: files.map(({ path }) => path).join(" + ") };
  const values = files.flatMap(({ variables }) => variables.map(({ name }) => env[name]?.length ?? 0));
  const length = values.reduce((sum, one) => sum + one, 0);
  const nodes = files.reduce((sum, file) => sum + file.nodes, 0);
  return [
    ...(length > OUTPUT_LIMIT ? [tooLong(place.file)] : []),
    ...(nodes > NODE_LIMIT ? [tooMany(place)] : []),
    ...files.flatMap((file) => tooManyServices(file)),
    ...tooManyPorts(files, env),
  ];
}

/** The mistake of files that become longer than what is read. */
export function tooLong(file: string): UserError {
  return new UserError(`more than ${OUTPUT_LIMIT} bytes once aliases are followed and variables put in`, {
    place: { file },
    remedy: "repeat less by aliases, and put long texts into a config",
  });
}

function tooManyServices(file: ComposeFile): UserError[] {
  const count = Object.keys(servicesOf(file)).length;
  if (count <= SERVICE_LIMIT) return [];
  const place = locate([file], ["services"]);
  const remedy = "let one service have replicas instead";
  return [new UserError(`${count} services, more than ${SERVICE_LIMIT}`, { place, remedy })];
}

function tooManyPorts(files: readonly ComposeFile[], env: Readonly<Record<string, string>>): UserError[] {
  let count = 0;
  for (const file of files) {
    for (const [service, value] of Object.entries(servicesOf(file))) {
      const { ports } = asRecord(value);
      for (const port of Array.isArray(ports) ? ports : [])
        count += typeof port === "string" ? portsIn(interpolate(port, env)) : 1;
      if (count <= PORT_LIMIT) continue;
      const place = { ...locate([file], ["services", service, "ports"]), key: `services.${service}.ports` };
      return [new UserError(`more than ${PORT_LIMIT} ports in all`, { place, remedy: "publish a shorter range" })];
    }
  }
  return [];
}

/** How many a short form such as `8000-8010:80` stands for. */
function portsIn(port: string): number {
  const ranges = [...port.matchAll(/(\d+)-(\d+)/g)].map(([, first, last]) => Number(last) - Number(first) + 1);
  return Math.max(1, ...ranges);
}

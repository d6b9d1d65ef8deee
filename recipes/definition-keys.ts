import { conditionsOf, type ExecExpectation, type LogExpectation } from "../checks/health.ts";
import type { HttpExpectation } from "../checks/http/expected-answer.ts";
import type { Journey } from "../checks/journey.ts";
import type { Seed } from "../checks/seeds/seed.ts";
import type { SidecarSpec } from "../checks/sidecar/host.ts";
import type { Grant } from "../checks/sign-on/sign-on.ts";
import type { TcpExpectation } from "../checks/tcp.ts";
import type { TlsExpectation } from "../checks/tls.ts";
import type { UdpExpectation } from "../checks/udp.ts";
import { UserError, UserErrors } from "../lib/errors.ts";
import { meant, nearest } from "../lib/nearest.ts";
import type { Waiver } from "../lint/waivers.ts";
import type {
  Dependency,
  FolderSource,
  Overlay,
  OwnCheck,
  RecipeDefinition,
  SignOnProvider,
  SignsOnAt,
} from "./define-recipe.ts";

const DEFINITION = {
  name: true,
  source: true,
  health: true,
  seeds: true,
  custom: true,
  journeys: true,
  sidecars: true,
  mail: true,
  dependencies: true,
  gives: true,
  signOn: true,
  signsOnAt: true,
  asDependency: true,
  env: true,
  upgradeFrom: true,
  upgradeEnv: true,
  secrets: true,
  overlays: true,
  restarts: true,
  stableFor: true,
  convergence: true,
  mayLose: true,
  afterRestore: true,
  noBackup: true,
  noSecondApp: true,
  keepsName: true,
  placeOn: true,
  provides: true,
  trustsNode: true,
  waivers: true,
} satisfies Record<keyof RecipeDefinition, true>;
const SOURCE = { folder: true, releases: true } satisfies Record<keyof FolderSource, true>;
const DEPENDENCY = { recipe: true, source: true, ref: true } satisfies Record<keyof Dependency, true>;
const SIGN_ON = { issuer: true, issue: true, register: true, logIn: true, lacks: true } satisfies Record<
  keyof SignOnProvider,
  true
>;
const LACKS = { client_credentials: true, password: true } satisfies Record<Grant, true>;
const AS_DEPENDENCY = { dependencies: true, signsOnAt: true, env: true, secrets: true } satisfies Record<
  keyof NonNullable<RecipeDefinition["asDependency"]>,
  true
>;
const SIGNS_ON_AT = { provider: true, secret: true, redirects: true } satisfies Record<keyof SignsOnAt, true>;
const OVERLAY = { image: true, startPeriod: true, reason: true } satisfies Record<keyof Overlay, true>;
const PROVIDES = { networks: true } satisfies Record<keyof NonNullable<RecipeDefinition["provides"]>, true>;
const HTTP = {
  service: true,
  port: true,
  path: true,
  accept: true,
  body: true,
  contentType: true,
  header: true,
  json: true,
  until: true,
  times: true,
  within: true,
} satisfies Record<keyof HttpExpectation, true>;
const TCP = { service: true, port: true, times: true, within: true } satisfies Record<keyof TcpExpectation, true>;
const TLS = { service: true, port: true, within: true } satisfies Record<keyof TlsExpectation, true>;
const UDP = { service: true, port: true, send: true, answer: true, within: true } satisfies Record<
  keyof UdpExpectation,
  true
>;
const EXEC = { service: true, argv: true, says: true, within: true } satisfies Record<keyof ExecExpectation, true>;
const LOG = { service: true, says: true, within: true } satisfies Record<keyof LogExpectation, true>;
const CONDITIONS: Record<string, Record<string, true>> = {
  http: HTTP,
  tcp: TCP,
  tls: TLS,
  udp: UDP,
  exec: EXEC,
  log: LOG,
};
const SIDECAR = { image: true, network: true } satisfies Record<keyof SidecarSpec, true>;
const WAIVER = { rule: true, file: true, reason: true } satisfies Record<keyof Waiver, true>;

const CHECK = {
  name: true,
  title: true,
  run: true,
  after: true,
  deadline: true,
  late: true,
  authored: true,
  browser: true,
} satisfies Record<keyof OwnCheck, true>;
const JOURNEY = { name: true, title: true, browser: true, prepare: true, verify: true } satisfies Record<
  keyof Journey,
  true
>;
const SEED = {
  name: true,
  place: true,
  write: true,
  read: true,
  destroy: true,
  destroyed: true,
  snapshotPlace: true,
} satisfies Record<keyof Seed, true>;

/**
 * What a definition says under keys that nothing reads would be passed over: its types are not checked when it is
 * loaded. Seeds, checks and journeys are the author's own objects and may hold more, but nothing that is nearly a key.
 *
 * @param file the `ci.ts` it is written in
 * @throws UserErrors naming each key with the one that was likely meant
 */
export function assertKnownKeys(definition: RecipeDefinition, file: string): void {
  const { source, health, provides, dependencies = [], overlays = {}, sidecars = {} } = definition;
  const { waivers = [], custom = [], journeys = [], seeds = [] } = definition;
  const errors = [
    ...unknownKeys("", definition, DEFINITION, file),
    ...unknownKeys("source.", source, SOURCE, file),
    ...unknownKeys("provides.", provides, PROVIDES, file),
    ...Object.entries(overlays).flatMap(([key, one]) => unknownKeys(`overlays.${key}.`, one, OVERLAY, file)),
    ...unknownKeys("signOn.", definition.signOn, SIGN_ON, file),
    ...unknownKeys("signOn.lacks.", definition.signOn?.lacks, LACKS, file),
    ...unknownKeys("signsOnAt.", definition.signsOnAt, SIGNS_ON_AT, file),
    ...unknownKeys("asDependency.", definition.asDependency, AS_DEPENDENCY, file),
    ...unknownKeys("asDependency.signsOnAt.", definition.asDependency?.signsOnAt, SIGNS_ON_AT, file),
    ...dependencies.flatMap((one, index) => unknownKeys(`dependencies[${index}].`, one, DEPENDENCY, file)),
    ...healthKeys(health, file),
    ...Object.entries(sidecars).flatMap(([name, one]) => unknownKeys(`sidecars.${name}.`, one, SIDECAR, file)),
    ...custom.flatMap((check, index) => misspelt(`custom[${index}].`, check, CHECK, file)),
    ...journeys.flatMap((journey, index) => misspelt(`journeys[${index}].`, journey, JOURNEY, file)),
    ...seeds.flatMap((seed, index) => misspelt(`seeds[${index}].`, seed, SEED, file)),
    ...waivers.flatMap((waiver, index) => unknownKeys(`waivers[${index}].`, waiver, WAIVER, file)),
  ];
  if (errors.length > 0) throw new UserErrors(errors);
}

function healthKeys(health: RecipeDefinition["health"], file: string): UserError[] {
  return conditionsOf(health).flatMap((condition, index) => {
    const path = Array.isArray(health) ? `health[${index}].` : "health.";
    const kinds = Object.fromEntries(Object.keys(CONDITIONS).map((kind) => [kind, true as const]));
    const inside = Object.entries(condition).flatMap(([kind, given]) =>
      CONDITIONS[kind] ? unknownKeys(`${path}${kind}.`, given, CONDITIONS[kind], file) : [],
    );
    return [...unknownKeys(path, condition, kinds, file), ...inside];
  });
}

function misspelt(path: string, given: object, all: Record<string, true>, file: string): UserError[] {
  // Where the key that it resembles is there too, it is another one.
  const missing = Object.keys(all).filter((key) => !(key in given));
  const isNear = ([key]: [string, unknown]) => !(key in all) && nearest(key, missing) !== undefined;
  const known = Object.fromEntries(missing.map((key) => [key, true as const]));
  return unknownKeys(path, Object.fromEntries(Object.entries(given).filter(isNear)), known, file);
}

function unknownKeys(path: string, given: unknown, known: Record<string, true>, file: string): UserError[] {
  if (typeof given !== "object" || given === null) return [];
  const names = Object.keys(known);
  return Object.keys(given)
    .filter((key) => !names.includes(key))
    .map((key) => {
      const remedy = meant(key, names, `take it out; there is ${names.join(", ")}`);
      return new UserError("no such key", { place: { file, key: `${path}${key}` }, remedy });
    });
}

import type { AppSpec } from "../compose/app-spec.ts";
import type { Clock } from "../lib/clock.ts";
import type { Duration } from "../lib/duration.ts";
import type { Owner } from "../lib/owner.ts";
import type { Swarm } from "../swarm/client.ts";
import type { Entry } from "../swarm/entry/find.ts";
import type { TraefikState } from "../swarm/entry/traefik.ts";
import type { BrowserHost } from "./browser/browser-host.ts";
import type { Probe } from "./probe.ts";
import type { Restic } from "./restic.ts";
import type { SidecarHost } from "./sidecar/host.ts";
import type { IssuedClient, LogIn, SignOnClient } from "./sign-on/sign-on.ts";

/** What a check may look at. */
export interface CheckContext {
  /** Name of the run, the value of the run label. */
  run: string;
  swarm: Swarm;
  /** The app as it is deployed while the check runs. */
  app: AppSpec;
  probe: Probe;
  /** The way that users' requests take. Undefined where the node has no Traefik of the platform's. */
  entry?: Entry;
  /** Asks that Traefik what it knows. */
  traefik?: (swarm: Swarm) => Promise<TraefikState>;
  /** What checks in a browser are given. Undefined where none is planned. */
  browserHost?: BrowserHost;
  /** The apps that it needs, as its definition declares them, by recipe. Default: none. */
  needed?: Readonly<Record<string, AppSpec>>;
  /** What sidecars are made of. Undefined where the app's definition declares none. */
  sidecarHost?: SidecarHost;
  /** Namespaces of the apps whose mail is caught. Default: none. */
  catchers?: ReadonlySet<string>;
  /** Where the app's users sign on. Undefined where its definition says of no provider. */
  signOnClient?: SignOnClient;
  /** How its provider's pages log a user in. Undefined where its definition does not say. */
  logIn?: LogIn;
  /** Id and secret of each client in the run, by recipe, as soon as they are known. */
  clients?: Map<string, IssuedClient>;
  /** Restic in the container that backs an app of the run up. Undefined where nothing is backed up. */
  resticOf?: (app: AppSpec) => Restic;
  /** The random part of seeds: the same for the whole run, unlike in any other. */
  nonce: string;
  /** Aborted when the run is cancelled. */
  signal: AbortSignal;
  /** Time for waits. Default: the machine's own. */
  clock?: Clock;
}

/** Gives restic for a check; it exists only once the backup helper does. */
export type ResticOf = (context: CheckContext) => Restic;

/** What a check saw: one line for a person, and details. Never a secret. */
export interface Evidence {
  summary: string;
  details?: Record<string, unknown>;
  /** Milliseconds the containers themselves took, where the check waited for some to start. */
  containerMs?: number;
  /** Why it did not hold before, each time that was tried. Undefined: it held at once. */
  repeated?: string[];
}

export type CheckFunction = (context: CheckContext) => Promise<Evidence>;

/** One assertion in a phase. Plain data and a function: no Pulumi. */
export interface CheckDefinition {
  /** `<phase>.<subject>`, unique in a run. */
  name: string;
  /** What is asserted, one sentence for a person. */
  title: string;
  run: CheckFunction;
  /** Longest time the check may take as a whole. Default 120 s. */
  deadline?: Duration;
  /** Who is too slow when the deadline passes. Default `recipe`: checks wait for its app. */
  late?: Owner;
  /** It asserts what the recipe's definition says: where that changes it is asked again. Default: false. */
  authored?: boolean;
}

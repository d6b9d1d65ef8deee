import type { BrowserPrograms } from "../checks/browser/programs.ts";
import type { Adaptation } from "../components/adaptation.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import type { StandIn } from "../images/stand-in-label.ts";
import type { OnStep } from "../lib/step.ts";
import type { Swarm } from "../swarm/client.ts";
import type { Entry } from "../swarm/entry/find.ts";
import type { EngineInfo } from "../swarm/node-info.ts";
import type { Place } from "../swarm/place.ts";
import type { Deployment } from "./deployments.ts";
import type { Externals } from "./externals.ts";
import type { PlannedPhase } from "./plan/planned.ts";

/** A run made ready for a node: adapted to what it can do, every image at hand, what is external found. */
export interface Prepared extends Externals {
  /** Dependencies first, each after those that it needs itself; the subject last. */
  deployments: Deployment[];
  /** What the run asserts, of the deployments as they are adapted. */
  plan: PlannedPhase[];
  /** The subject's head once more, under other names; undefined where nothing is restored there. */
  elsewhere?: AppSpec;
  node: EngineInfo;
  /** The node that the run was given; undefined in a Swarm of one. */
  place?: Place;
  /** The way that users' requests take; undefined where the node has no Traefik of the platform's. */
  entry?: Entry;
  /** What checks in a browser run; undefined where the plan has none. */
  browser?: BrowserPrograms;
  adaptations: Adaptation[];
  standIns: StandIn[];
  pinnedImages: Record<string, string>;
  probeImage: string;
  resticImageId: string;
}

/** How a node is reached, and the second app. */
export interface NodeAccess {
  run: string;
  /** The node that the run is to have, by name, id or constraint. Default: what the definitions say. */
  placeOn?: string;
  swarm: Swarm;
  /** host:port of its image mirror as its engine sees it; undefined when it has none. */
  mirror?: string;
  /** Reads the subject's head once more, under other names; only where the plan has a second app. */
  second: () => Promise<AppSpec>;
  /** Told what takes long, a line at a time. */
  onProgress: (line: string) => void;
  /** Told it as steps instead, by who can show those. Default: lines by `onProgress`. */
  onStep?: OnStep;
}

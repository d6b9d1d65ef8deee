import type { CheckContext } from "../../checks/check.ts";
import { execInService } from "../../checks/exec.ts";
import { until } from "../../lib/until.ts";
import type { PhaseName, Verdict } from "../../lifecycle/result.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { BAD_REGISTRY, type FaultyNode, type RegistryAnswer } from "./faulty-node.ts";

/** Something that goes wrong with a node while a run uses it. */
export interface Fault {
  /** For people, in the table of docs/faults.md. */
  what: string;
  strike(node: FaultyNode, run: string): Promise<void>;
}

/** Where in a run it strikes: before it begins, as a phase begins, or while a check of the recipe's own runs a program in the app. */
export type Moment = "before" | PhaseName | "exec";

/** One row: a fault at a moment, and what must come of it. */
export interface Row {
  fault: Fault;
  moment: Moment;
  verdict: Verdict;
  /** What the verdict's sentence must say. */
  says: RegExp;
  /** It is noticed only by who needs it, and strikes as the phase before ends: a phase is told of a moment after it began. */
  early?: boolean;
  /** The node may get over it before the run needs it: then all checks hold. Default: false. */
  mayPass?: boolean;
  /** The only image of the recipe. Default: the small recipe. */
  image?: string;
  /** What the recipe's own check runs in the app while it strikes. Default: a program that needs nothing. */
  program?: readonly [string, ...string[]];
}

const POWER_OFF: Fault = { what: "the machine loses its power", strike: (node) => node.powerOff() };
const ENGINE_KILLED: Fault = { what: "the engine is killed, and begins anew", strike: (node) => node.killEngine() };
const REFUSES: Fault = { what: "the engine answers 500 to everything", strike: (node) => node.refuse() };
const REFUSES_EXECS: Fault = {
  what: "the engine answers 500 to whoever starts a program in a container",
  strike: (node) => node.refuseExecs(),
};
const DISK_FULL: Fault = { what: "the node's disk is full", strike: (node) => node.fillDisk() };
const DISK_SHORT: Fault = {
  what: "the node's disk has no room for the images",
  strike: (node) => node.fillDisk(800 * 2 ** 20),
};
const NO_MEMORY: Fault = { what: "the node runs out of memory", strike: (node) => node.shortenMemory() };
const labelled = (service: string) => ({ filters: { label: [`com.docker.swarm.service.id=${service}`] } });
const PROBE_GONE: Fault = {
  what: "recipe-ci's own probe is removed",
  async strike({ swarm }, run) {
    const services = await swarm.docker.listServices({ filters: { label: [`recipe-ci.run=${run}`] } });
    // The second app has one as well.
    const probes = services.filter(({ Spec }) => Spec?.Name?.endsWith("-probe")).map(({ ID }) => ID);
    for (const id of probes) await swarm.docker.getService(id).remove();
    // Their containers answer until Swarm has ended them.
    await until(
      async () => {
        const all = await Promise.all(probes.map((id) => swarm.docker.listContainers(labelled(id))));
        return all.flat().length ? { done: false, reason: "one runs" } : { done: true, value: undefined };
      },
      { what: "the probes ended", deadline: "60 s" },
    );
  },
};

const registry = (what: string, answer: RegistryAnswer): Fault => ({
  what: `the image's registry ${what}`,
  strike: (node) => node.badRegistry(answer),
});

const GONE = /the Docker Engine at \S+ (?:does not answer|ended, and began anew)/;

const at = (fault: Fault, verdict: Verdict, says: RegExp, ...moments: Moment[]): Row[] =>
  moments.map((moment) => ({ fault, moment, verdict, says }));

/** It strikes before the run begins, so that the first question meets it. */
const ofRegistry = (what: string, answer: RegistryAnswer, says: RegExp): Row[] =>
  at(registry(what, answer), "infra", says, "before").map((row) => ({ ...row, image: `${BAD_REGISTRY}/app:1` }));

const ENGINE_ROWS: Row[] = [
  ...at(ENGINE_KILLED, "infra", GONE, "prepare", "install", "upgrade", "backup", "restore", "custom"),
].map((row) => ({ ...row, mayPass: true }));

/** Takes more and more memory, until there is none. */
const TAKE = "dd if=/dev/zero of=/dev/null count=1 bs=$((i * 256))M";
const GREEDY = ["sh", "-c", `for i in $(seq 20); do sleep 1; ${TAKE} || exit $?; done`] as const;

/** The faults that every change is tried with: of each kind one. A machine that loses its power is in lifecycle-workers. */
export const ROWS: Row[] = [
  ...at(ENGINE_KILLED, "infra", GONE, "exec"),
  ...at(REFUSES, "infra", /refuses: the engine is out of order/, "install"),
  ...at(DISK_FULL, "infra", /disk .* is full/, "backup").map((row) => ({ ...row, early: true })),
  ...ofRegistry("never answers", "hangs", /timeout: nothing heard for 15/),
];

/** All others: every fault at every moment at which it can strike. */
export const MORE_ROWS: Row[] = [
  ...ofRegistry("wants a login", "login", /authentication required/),
  ...ofRegistry("wants us to wait", "too many", /pull rate limit/),
  ...at(DISK_SHORT, "infra", /^prepare\.images: the disk .* take at least .* \(mariadb:11\.8 /, "before").map(
    (row) => ({
      ...row,
      image: "mariadb:11.8",
    }),
  ),
  ...at(PROBE_GONE, "infra", /there is no service \S+-probe/, "custom"),
  ...at(NO_MEMORY, "infra", /the node at \S+ ran out of memory/, "exec").map((row) => ({ ...row, program: GREEDY })),
  ...at(POWER_OFF, "infra", GONE, "prepare", "install", "upgrade", "backup", "restore", "custom", "exec"),
  ...ENGINE_ROWS,
  ...at(REFUSES_EXECS, "infra", /the engine is out of order/, "custom"),
  ...at(REFUSES, "infra", /refuses: the engine is out of order/, "upgrade", "backup", "restore", "custom", "exec"),
  ...at(DISK_FULL, "infra", /disk .* is full|no space left on device/, "prepare", "install", "upgrade"),
];

/** How the small recipe is tested here: its last check runs a program for a while. */
export function definition(
  folder: string,
  program: Row["program"],
  afterInstall: () => Promise<void>,
  whileExec: (context: CheckContext) => Promise<void>,
): RecipeDefinition {
  return {
    name: "small",
    source: folder,
    stableFor: "1 s",
    custom: [
      {
        name: "installed",
        title: "It is installed",
        after: ["install"],
        async run() {
          await afterInstall();
          return { summary: "" };
        },
      },
      {
        name: "exec",
        title: "A program runs in the app",
        async run(context) {
          const running = execInService(context, "app", program ?? ["sleep", "3"]);
          running.catch(() => undefined);
          await whileExec(context);
          await running;
          await execInService(context, "app", ["true"]);
          const response = await context.probe.http({ url: "http://127.0.0.1/" }, context.signal);
          return { summary: `it ended; ${response.error ?? response.status}` };
        },
      },
    ],
  };
}

import { CheckFailure } from "../checks/check-failure.ts";
import { failureOf } from "../checks/recorder.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { shareAddresses } from "../lib/cidr.ts";
import { withLock } from "../lib/lock.ts";
import { plural } from "../lib/plural.ts";
import { appsOf } from "../stacks/deployments.ts";
import { aloneOnNode, type OnceOnNode, onceOnNode } from "../stacks/once-on-node.ts";
import type { Prepared } from "../stacks/prepared.ts";
import { asInfra, type Swarm } from "../swarm/client.ts";
import { publishedPorts } from "../swarm/published-ports.ts";
import { takenSubnets } from "../swarm/taken-subnets.ts";
import type { Session } from "./session.ts";

/** Longest wait for another run to give back what it has. */
const PATIENCE = "60 min";

/** What two runs can't have at once, and the check that it is free. */
export interface Claim {
  /** `port 8080/tcp`: the same for all runs that would be in each other's way. */
  name: string;
  check: { name: string; title: string };
}

const SHARED = { name: "prepare.shared", title: "No other run writes where it does outside of its own volumes" };

const CHECKS: Record<OnceOnNode["kind"], Claim["check"]> = {
  port: { name: "prepare.ports", title: "The ports it publishes are free" },
  subnet: { name: "prepare.subnets", title: "The subnets it gives to networks are free" },
  folder: SHARED,
  volume: SHARED,
};

/**
 * Does `work` while no other run of this home uses what this one needs of the node for itself: ports, subnets, folders
 * and volumes that are not its own. The second to want them would look like a recipe that can't be deployed, or that
 * loses data. One after the other, in the order of names, so that two never wait for each other.
 */
export async function inTurn<T>(
  session: Session,
  prepared: Prepared | undefined,
  work: (prepared: Prepared | undefined) => Promise<T>,
): Promise<T> {
  const { args, log, recorder } = session;
  const apps = appsOf(prepared?.deployments ?? []);
  let began = false;
  let asked: Claim | undefined;
  const claim = async (left: readonly Claim[]): Promise<T> => {
    const [first, ...rest] = left;
    if (!first) {
      began = true;
      return work((await isFree(session, apps)) ? prepared : undefined);
    }
    asked = first;
    let told = false;
    const onWait = () => {
      if (!told) log.progress(`waiting for ${first.name}, which another run has`);
      told = true;
    };
    const options = { deadline: PATIENCE, signal: args.signal, onWait } as const;
    return withLock(`${first.name} of ${args.dockerHost}`, () => claim(rest), options);
  };
  try {
    return await claim(claimsOf(apps));
  } catch (error) {
    if (began || !asked) throw error;
    await recorder.fail(asked.check, failureOf(error, args.signal), args.signal);
    return work(undefined);
  }
}

/**
 * What no other run may have meanwhile, sorted. Of subnets and folders it is whether there are any: one may lie in
 * another, and two names that differ would not meet.
 */
export function claimsOf(apps: readonly AppSpec[]): Claim[] {
  const needs = apps.flatMap(aloneOnNode);
  const byName = new Map(needs.map((one) => [nameOf(one), { name: nameOf(one), check: CHECKS[one.kind] }]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nameOf({ kind, name }: OnceOnNode): string {
  if (kind === "folder") return "folders of the node";
  return kind === "subnet" ? "subnets of networks" : `${kind} ${name}`;
}

/** What is left then is others': an operator's services, a stack made by hand, a run that was given them by Swarm. */
async function isFree(session: Session, apps: readonly AppSpec[]): Promise<boolean> {
  const needs = apps.flatMap(onceOnNode);
  return (await look(session, "port", needs, takenPorts)) && (await look(session, "subnet", needs, takenAddresses));
}

type Taken = (wanted: readonly string[], swarm: Swarm) => Promise<string[]>;

async function look(
  { recorder, swarm, args }: Session,
  kind: OnceOnNode["kind"],
  needs: readonly OnceOnNode[],
  taken: Taken,
): Promise<boolean> {
  const wanted = [...new Set(needs.flatMap((one) => (one.kind === kind ? one.name : [])))].sort();
  if (wanted.length === 0) return true;
  const seen = recorder.record(CHECKS[kind], args.signal, async () => {
    const lines = await asInfra(swarm, taken(wanted, swarm));
    if (lines.length === 0) return { summary: `${plural(wanted.length, kind)}: ${wanted.join(", ")}` };
    throw new CheckFailure(lines.join("\n"), { owner: "infra" });
  });
  return seen.then(
    () => true,
    () => false,
  );
}

async function takenPorts(wanted: readonly string[], swarm: Swarm): Promise<string[]> {
  const taken = (await publishedPorts(swarm)).filter(({ port }) => wanted.includes(port));
  return taken.map(({ port, holder, run }) => `port ${port} is taken by ${holder}${ofRun(run)}`);
}

async function takenAddresses(wanted: readonly string[], swarm: Swarm): Promise<string[]> {
  const taken = await takenSubnets(swarm);
  return wanted.flatMap((own) =>
    taken
      .filter(({ subnet }) => shareAddresses(own, subnet))
      .map(({ subnet, network, run }) => {
        const which = subnet === own ? "" : `, as ${subnet},`;
        return `subnet ${own} is taken${which} by network ${network}${ofRun(run)}`;
      }),
  );
}

function ofRun(run: string | undefined): string {
  return run ? ` of ${run}` : "";
}

import { CheckFailure } from "../checks/check.ts";
import { failureOf } from "../checks/recorder.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { withLock } from "../lib/lock.ts";
import { plural } from "../lib/plural.ts";
import { asInfra } from "../swarm/client.ts";
import { publishedPorts } from "../swarm/published-ports.ts";
import type { Session } from "./session.ts";

const PORTS = { name: "prepare.ports", title: "The ports it publishes are free" };

/** Longest wait for another run to give a port back. */
const PATIENCE = "60 min";

/**
 * Does `work` while no other run of this home uses a port that this one publishes: a node has each port once, and the
 * second to want it would look like a recipe that can't be placed. One after the other, in the order of the ports, so
 * that two never wait for each other.
 */
export async function withPorts<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { prepared, args, log, recorder } = session;
  const ports = prepared ? portsOf([prepared.head, ...(prepared.base ? [prepared.base] : [])]) : [];
  if (ports.length === 0) return work();
  let began = false;
  const claim = (left: string[]): Promise<T> => {
    const [port, ...rest] = left;
    if (port === undefined) {
      began = true;
      return lookAtPorts(session, ports).then(work);
    }
    let told = false;
    const onWait = () => {
      if (!told) log.progress(`waiting for port ${port}, which another run has`);
      told = true;
    };
    const options = { deadline: PATIENCE, signal: args.signal, onWait } as const;
    return withLock(`port ${port} of ${args.dockerHost}`, () => claim(rest), options);
  };
  try {
    return await claim(ports);
  } catch (error) {
    if (began) throw error;
    await recorder.fail(PORTS, failureOf(error, args.signal), args.signal);
    session.prepared = undefined;
    return work();
  }
}

/** `8080/tcp`, sorted. Ports that the node chooses are never taken. */
function portsOf(apps: readonly AppSpec[]): string[] {
  const ports = apps.flatMap(({ services }) => services.flatMap((service) => service.ports));
  return [...new Set(ports.flatMap((one) => (one.published ? [`${one.published}/${one.protocol}`] : [])))].sort();
}

/** What is left then is others': an operator's services, a stack made by hand. */
async function lookAtPorts(session: Session, ports: readonly string[]): Promise<void> {
  const { recorder, swarm, args } = session;
  await recorder
    .record(PORTS, args.signal, async () => {
      const taken = (await asInfra(swarm, publishedPorts(swarm))).filter(({ port }) => ports.includes(port));
      if (taken.length === 0) return { summary: `${plural(ports.length, "port")}: ${ports.join(", ")}` };
      const lines = taken.map(
        ({ port, holder, run }) => `port ${port} is taken by ${holder}${run ? ` of ${run}` : ""}`,
      );
      throw new CheckFailure(lines.join("\n"), { owner: "infra" });
    })
    .catch(() => {
      session.prepared = undefined;
    });
}

import { randomBytes } from "node:crypto";
import type { NetworkSpec } from "../../compose/app-spec.ts";
import { boundedName, SERVICE_NAME_LIMIT } from "../../lib/names.ts";
import { meant } from "../../lib/nearest.ts";
import type { Placed } from "../../swarm/exec.ts";
import { removeService } from "../../swarm/services.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { execInSidecar, type Sidecar } from "./exec.ts";
import type { SidecarSpec } from "./host.ts";
import { startSidecar } from "./start.ts";

/** A service of a sidecar, which may not run yet. */
interface Started {
  service: string;
  container: Promise<Placed>;
}

/**
 * The sidecars that one piece of an author's code asks for: services of the run's, each in the app's networks, which an
 * overlay network lets no container join by itself. Each starts when it is first used.
 */
export class Sidecars {
  private readonly context: CheckContext;
  private readonly started = new Map<string, Started>();
  private ending: Promise<void> | undefined;

  constructor(context: CheckContext) {
    this.context = context;
  }

  /** @throws CheckFailure of the author for one that is not declared, or whose network this version does not have */
  named(name: string): Sidecar {
    const host = this.context.sidecarHost;
    const declared = host?.declared ?? {};
    const spec = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (!host || !spec) throw undeclared(name, Object.keys(declared));
    const networks = joinedNetworks(this.context, name, spec);
    return {
      exec: async (argv, options) =>
        execInSidecar(this.context, name, await this.running(name, networks), argv, options),
    };
  }

  /** Removes those that were started, and waits for their containers to be gone. Nothing starts any more. */
  end(): Promise<void> {
    this.ending ??= this.remove();
    return this.ending;
  }

  private running(name: string, networks: readonly NetworkSpec[]): Promise<Placed> {
    if (this.ending) throw new CheckFailure(`ci.ts asks sidecar ${name} when its code has ended`, { owner: "author" });
    const known = this.started.get(name);
    if (known) return known.container;
    // Checks that go on side by side may have one each.
    const suffix = `-sidecar-${randomBytes(4).toString("hex")}`;
    const service = `${boundedName(this.context.app.namespace, SERVICE_NAME_LIMIT - suffix.length)}${suffix}`;
    const container = startSidecar(this.context, { name, service, networks });
    this.started.set(name, { service, container });
    return container;
  }

  private async remove(): Promise<void> {
    const removals = [...this.started.values()].map(async ({ service, container }) => {
      // Until it is known whether there is one, there may be one to come.
      const placed = await container.catch(() => undefined);
      // Swarm takes some five seconds to end a container whose service is gone, and there is nothing in this one to be
      // saved. Where that fails it is waited for as any other.
      if (placed) await killed(placed).catch(() => undefined);
      await removeService(this.context.swarm, service);
    });
    await Promise.all(removals);
  }
}

/** Does what may ask for sidecars, which are gone when it has ended, or is to end. */
export async function withSidecars<T>(context: CheckContext, work: (sidecars: Sidecars) => Promise<T>): Promise<T> {
  const sidecars = new Sidecars(context);
  // Work that takes no notice of the signal may never end.
  const abort = () => void sidecars.end().catch(() => undefined);
  context.signal.addEventListener("abort", abort, { once: true });
  try {
    return await work(sidecars);
  } finally {
    context.signal.removeEventListener("abort", abort);
    await sidecars.end();
  }
}

function killed({ engine, id }: Placed): Promise<void> {
  return engine.docker.getContainer(id).remove({ force: true, v: true });
}

function undeclared(name: string, declared: readonly string[]): CheckFailure {
  const all = declared.length > 0 ? `; there is ${declared.join(", ")}` : "";
  const remedy = meant(name, declared, `declare it under sidecars${all}`);
  return new CheckFailure(`ci.ts asks for sidecar "${name}", which it does not declare: ${remedy}`, {
    owner: "author",
  });
}

function joinedNetworks({ app }: CheckContext, sidecar: string, { network }: SidecarSpec): NetworkSpec[] {
  if (network === undefined) {
    const own = app.networks.filter(({ external }) => !external);
    return own.length > 0 ? own : app.networks;
  }
  const named = app.networks.find(({ key }) => key === network);
  if (named) return [named];
  const keys = app.networks.map(({ key }) => key);
  const all = `the recipe at ${app.version ?? app.commit.slice(0, 8)} has ${keys.join(", ") || "none"}`;
  const has = meant(network, keys, all);
  throw new CheckFailure(`sidecar ${sidecar} of ci.ts joins network "${network}": ${has}`, { owner: "author" });
}

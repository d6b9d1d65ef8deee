import type { NetworkSpec } from "../../compose/app-spec.ts";
import { present } from "../../lib/present.ts";
import { until } from "../../lib/until.ts";
import { asInfra } from "../../swarm/client.ts";
import { containerOf, type Placed } from "../../swarm/exec.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { hasEnded, listTasks } from "../../swarm/task.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";

export interface ToStart {
  name: string;
  /** Name of its service in the Swarm. */
  service: string;
  networks: readonly NetworkSpec[];
}

/**
 * Makes the service of a sidecar, and waits up to 60 s for its container to run.
 *
 * @throws CheckFailure of the author for an image that can't be started as a sidecar
 * @throws InfraError, or a DeadlineError of infra's, for one that does not start otherwise
 */
export async function startSidecar(context: CheckContext, { name, service, networks }: ToStart): Promise<Placed> {
  const { swarm, run, signal, sidecarHost } = context;
  const host = present(sidecarHost, "what sidecars are made of");
  const { image } = present(host.declared[name], `sidecar ${name}`);
  const labels = { [RUN_LABEL]: run };
  signal.throwIfAborted();
  const made = swarm.docker.createService({
    Name: service,
    Labels: labels,
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: "dnsrr" },
    TaskTemplate: {
      ContainerSpec: {
        Image: host.pinnedImages[image] ?? image,
        Command: ["sleep", "86400"],
        // With an init a program that is not there is found out only once the container runs.
        Init: false,
        Labels: labels,
        // A health check of the image's is one of what does not run here.
        HealthCheck: { Test: ["NONE"] },
        StopSignal: "SIGKILL",
        StopGracePeriod: 0,
      },
      Networks: networks.map((one) => ({ Target: present(host.networks[one.name], `the id of network ${one.name}`) })),
      RestartPolicy: { Condition: "none" },
      Placement: { Constraints: host.constraints },
    },
  });
  const { id } = await asInfra(swarm, made);
  return until(
    async () => {
      const [task] = await asInfra(swarm, listTasks(swarm, [id]));
      const said = task?.Status.Err ?? task?.Status.Message ?? "it is not assigned to a node";
      if (task && hasEnded(task.Status.State)) throw notStarted(name, image, said);
      if (task?.Status.State !== "running") return { done: false, reason: said };
      return { done: true, value: await containerOf(swarm, service) };
    },
    { what: `start of sidecar ${name}`, deadline: "60 s", every: "100 ms", signal },
  );
}

/** What runc says where an image has no such program, and Swarm where one ends at once that nobody has killed. */
const NO_SLEEP =
  /executable file not found|exec: .*(?:no such file|permission denied)|exec format error|non-zero exit \((?!137\))/;

function notStarted(name: string, image: string, said: string): CheckFailure {
  const owner = NO_SLEEP.test(said) ? "author" : "infra";
  const needs = owner === "author" ? `; an image of a sidecar needs sleep in its PATH` : "";
  return new CheckFailure(`sidecar ${name} does not start from ${image}: ${said}${needs}`, { owner });
}

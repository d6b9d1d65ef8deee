import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Labels } from "../compose/app-spec.ts";
import { renderLabels } from "./render/labels.ts";

export interface BesideServiceArgs {
  /** Name in the Swarm. */
  name: string;
  image: string;
  /** Ids of the networks of the app. */
  networks: pulumi.Input<string>[];
  /** Of its placement. Default: none. */
  constraints?: string[];
  runLabels: Labels;
}

/** What is another in each: all else is as it has to be for a service that holds no data. */
interface Own {
  /** Program and arguments. Default: what the image says. */
  commands?: string[];
  env?: Record<string, string>;
  /** By which it is known in each of the networks. Default: its name alone. */
  alias?: string;
}

/** A service of one container of recipe-ci's own, in the networks of an app. */
export function besideService(
  name: string,
  { name: serviceName, image, networks, constraints, runLabels }: BesideServiceArgs,
  { commands, env = {}, alias }: Own,
  options: pulumi.CustomResourceOptions,
): docker.Service {
  return new docker.Service(
    name,
    {
      name: serviceName,
      labels: renderLabels(runLabels),
      mode: { replicated: { replicas: 1 } },
      endpointSpec: { mode: "dnsrr", ports: [] },
      taskSpec: {
        containerSpec: {
          image,
          ...(commands && { commands }),
          env,
          sysctl: {},
          labels: renderLabels(runLabels),
          // It holds no data: nothing is lost by ending it at once. With any other value the provider's delete
          // waits that long for the container to be gone, and fails when Swarm takes longer.
          stopGracePeriod: "0s",
          stopSignal: "SIGKILL",
          init: false,
          isolation: "default",
        },
        networksAdvanceds: networks.map((id) => ({ id, ...(alias && { aliases: [alias] }) })),
        restartPolicy: { condition: "any", delay: "1s", maxAttempts: 0, window: "0s" },
        placement: constraints && { constraints },
        forceUpdate: 0,
        runtime: "container",
      },
    },
    options,
  );
}

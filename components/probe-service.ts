import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Labels } from "../compose/app-spec.ts";
import { renderLabels } from "./render/labels.ts";

export interface ProbeServiceArgs {
  /** Name in the Swarm. */
  name: string;
  image: string;
  /** Ids of the networks of the app. */
  networks: pulumi.Input<string>[];
  /** Of its placement. Default: none. */
  constraints?: string[];
  runLabels: Labels;
}

/** A service that does nothing but stand in the app's networks, so that checks can look from there. */
export class ProbeService extends pulumi.ComponentResource {
  constructor(name: string, args: ProbeServiceArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:ProbeService", name, {}, options);
    new docker.Service(
      name,
      {
        name: args.name,
        labels: renderLabels(args.runLabels),
        mode: { replicated: { replicas: 1 } },
        endpointSpec: { mode: "dnsrr", ports: [] },
        taskSpec: {
          containerSpec: {
            image: args.image,
            commands: ["sleep", "86400"],
            env: {},
            sysctl: {},
            labels: renderLabels(args.runLabels),
            // It holds no data: nothing is lost by ending it at once. With any other value the provider's delete
            // waits that long for the container to be gone, and fails when Swarm takes longer.
            stopGracePeriod: "0s",
            stopSignal: "SIGKILL",
            init: false,
            isolation: "default",
          },
          networksAdvanceds: args.networks.map((id) => ({ id })),
          restartPolicy: { condition: "any", delay: "1s", maxAttempts: 0, window: "0s" },
          placement: args.constraints && { constraints: args.constraints },
          forceUpdate: 0,
          runtime: "container",
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}

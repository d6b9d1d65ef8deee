import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { projectPath } from "../lib/project.ts";

export interface ApiObjectArgs {
  kind: "service" | "config" | "network" | "secret";
  /** Engine, `unix:///…`. */
  dockerHost: pulumi.Input<string>;
  /** The object as the Engine API takes it. Passed by standard input, never as an argument. */
  spec: pulumi.Input<Record<string, pulumi.Input<unknown>>>;
  /** A change of one makes the object anew. Default: it is only ever changed in place. */
  anew?: pulumi.Input<string>[];
}

/**
 * One object made through the Engine API itself, for what `@pulumi/docker` can't say: tracked in the state, changed
 * in place, removed with the stack.
 */
export class ApiObject extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: ApiObjectArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:ApiObject", name, {}, options);
    const command = new local.Command(
      name,
      {
        interpreter: [process.execPath, projectPath("swarm/main.ts"), args.kind],
        create: "create",
        update: "update",
        delete: "remove",
        triggers: args.anew,
        stdin: pulumi.jsonStringify(args.spec),
        environment: { DOCKER_HOST: args.dockerHost },
        logging: local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.id = command.stdout;
    this.registerOutputs();
  }
}

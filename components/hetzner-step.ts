import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { home } from "../lib/home.ts";
import { projectPath } from "../lib/project.ts";

/** One step of a node's program on a server. */
export interface Step {
  create: string;
  delete?: string;
  options?: pulumi.Input<string>[];
  environment?: Record<string, pulumi.Input<string>>;
  /** The step is made anew when it changes. */
  anew?: pulumi.Output<string>;
  after?: pulumi.Resource;
}

/** A server, as a step on it is told. */
export interface Place {
  id: pulumi.Output<string>;
  /** Public address, known once ssh knows its key. */
  address: pulumi.Output<string>;
  /** Address in the node's private network. */
  privateAddress: string;
  /** What the step waits for. Default: nothing. */
  ready?: pulumi.Resource;
}

/**
 * A step on a server, repeated on another server.
 *
 * @param program of this project, which gets the step as its last argument
 */
export function serverStep(
  name: string,
  program: string,
  step: Step,
  { id, address, privateAddress, ready }: Place,
  parent: pulumi.Resource,
): local.Command {
  const options = [pulumi.interpolate`--address=${address}`, `--private=${privateAddress}`, ...(step.options ?? [])];
  return new local.Command(
    name,
    {
      create: step.create,
      delete: step.delete,
      // The step becomes one argument after these: no shell ever reads it.
      interpreter: [process.execPath, projectPath(program), ...options],
      environment: { RECIPE_CI_HOME: home(), ...step.environment },
      triggers: [id, ...(step.anew ? [step.anew] : [])],
      logging: local.Logging.Stderr,
    },
    { parent, dependsOn: [ready, step.after].filter((one) => one !== undefined), deleteBeforeReplace: true },
  );
}

import * as pulumi from "@pulumi/pulumi";

/**
 * A random value made once per stack and kept in its state as a Pulumi secret: later updates see the first value.
 * A Stash whose input is ignored after its creation, since a new random value comes with each run of the program.
 */
export class GeneratedSecret extends pulumi.ComponentResource {
  readonly value: pulumi.Output<string>;

  constructor(name: string, generate: () => pulumi.Input<string>, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:GeneratedSecret", name, {}, options);
    const stash = new pulumi.Stash(
      name,
      { input: pulumi.secret(generate()) },
      { parent: this, ignoreChanges: ["input"] },
    );
    this.value = pulumi.secret(stash.output) as pulumi.Output<string>;
    this.registerOutputs();
  }
}

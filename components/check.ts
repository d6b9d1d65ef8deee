import * as pulumi from "@pulumi/pulumi";
import type { CheckContext, CheckDefinition } from "../checks/check.ts";
import { CheckFailure } from "../checks/check-failure.ts";
import type { CheckRecorder } from "../checks/recorder.ts";

export interface CheckArgs {
  definition: CheckDefinition;
  /** Asked for when the check runs, never earlier: what it needs exists by then. */
  context: () => CheckContext;
  /** What the check's result depends on: when it changes, a passed check runs again. */
  fingerprint: pulumi.Input<string>;
  /**
   * What it judges is no more. If it passed it stays as it is, whatever its fingerprint would be now; else it fails,
   * since it can't be asked any more. Default: false.
   */
  past?: boolean;
  recorder: CheckRecorder;
}

/**
 * One assertion as a resource. It comes after the resources it depends on; a failed check fails `up` at its URN
 * and stays out of the state, so that the next `up` runs it again, and what depends on it does not run. The
 * assertion stands in the *before* hooks of a Stash: failing after-hooks would leave it in the state as created.
 */
export class Check extends pulumi.ComponentResource {
  /** Known once it holds: in this update, or since an earlier one. */
  readonly held: pulumi.Output<true>;

  constructor(args: CheckArgs, options: pulumi.ComponentResourceOptions = {}) {
    const { definition, recorder } = args;
    super("recipe-ci:index:Check", definition.name, {}, options);
    const run = args.past ? tooLate : definition.run;
    const hook = new pulumi.ResourceHook(`check:${pulumi.getStack()}:${definition.name}`, async () => {
      const context = args.context();
      await recorder.record(definition, context.signal, (signal) => run({ ...context, signal }));
    });
    const stash = new pulumi.Stash(
      definition.name,
      { input: { check: definition.name, title: definition.title, fingerprint: args.fingerprint } },
      {
        parent: this,
        hooks: { beforeCreate: [hook], beforeUpdate: [hook] },
        ignoreChanges: args.past ? ["input"] : [],
      },
    );
    this.held = stash.output.apply((): true => true);
    this.registerOutputs();
  }
}

async function tooLate(): Promise<never> {
  throw new CheckFailure(
    "it did not hold when it could be asked, and what it judges is gone: destroy, and start anew",
    {
      owner: "infra",
    },
  );
}

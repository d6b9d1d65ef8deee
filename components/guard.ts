import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { projectPath } from "../lib/project.ts";

export interface GuardArgs {
  /** Program of this project that does both, with its options; the step comes as its last argument. */
  program: readonly [string, ...pulumi.Input<string>[]];
  /** Step that begins: it may refuse, and then nothing else happens. Repeated when an argument changes. */
  begin: string;
  /**
   * What `begin` would print for a new stack, where it has nothing to refuse. All else waits for the guard, and a start
   * of the program takes a quarter of a second. Default: the program is asked.
   */
  known?: string;
  /** Step that takes away all that there may be, known to the state or not, and proves it gone. */
  end: string;
  environment: Record<string, pulumi.Input<string>>;
}

/** The step is the last argument: `say x` prints x, any other is the program's. */
const SAY_OR_RUN = `for step; do :; done
case $step in "say "*) printf %s "\${step#say }" ;; *) exec "$0" "$@" ;; esac`;

/**
 * The first resource of a stack, which gives `pulumi destroy` its meaning. What the state knows of a stack is less
 * than what there is when an `up` was killed, and more when somebody else removed something; so the guard's delete
 * looks at the world instead. All else is registered after {@link Guard.protectAll}: it depends on the guard, and goes
 * with it, without deletes of its own.
 */
export class Guard extends pulumi.ComponentResource {
  private readonly command: local.Command;

  constructor(name: string, args: GuardArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:Guard", name, {}, options);
    const [program, ...rest] = args.program;
    this.command = new local.Command(
      name,
      {
        interpreter: ["/bin/sh", "-c", SAY_OR_RUN, process.execPath, projectPath(program), ...rest],
        create: args.known === undefined ? args.begin : `say ${args.known}`,
        update: args.begin,
        delete: args.end,
        environment: args.environment,
        logging: local.Logging.Stderr,
      },
      { parent: this },
    );
    this.registerOutputs();
  }

  /**
   * From here on every resource of the stack depends on the guard and is deleted with it.
   *
   * @param kept whether Pulumi refuses to delete any. Said of the guard alone it would be too late: the state has
   * forgotten the others by then.
   */
  protectAll(kept = false): void {
    const guarded = { dependsOn: [this.command], deletedWith: this.command, ...(kept && { protect: true }) };
    pulumi.runtime.registerStackTransformation(({ props, opts }) => ({
      props,
      opts: pulumi.mergeOptions(opts, guarded),
    }));
  }
}

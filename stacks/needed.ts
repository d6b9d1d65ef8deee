import * as pulumi from "@pulumi/pulumi";
import type { Check } from "../components/check.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { generateSecret } from "../compose/objects/secret-values.ts";
import { present } from "../lib/present.ts";
import type { SecretOf } from "../recipes/define-recipe.ts";
import { namesOfNeeded } from "../recipes/dependencies.ts";
import { type Common, deploy, redacted, type Standing } from "./deployment.ts";
import { type Deployment, dependenciesOf } from "./deployments.ts";
import { exactServices } from "./exact-services.ts";
import { givenSecret } from "./given-secrets.ts";
import type { RecipeStackArgs } from "./recipe.ts";
import { footingOf, makeChecks, type Seen } from "./stack-checks.ts";

/** Another recipe in the stack, for those that need it. */
interface Needed {
  standing: Standing;
  /** Of its secrets, by their names. */
  secretValues: Record<string, pulumi.Output<string>>;
  /** What says that it is ready, by name. */
  gates: ReadonlyMap<string, Check>;
}

/** All that a recipe needs, as it stands in the stack. */
export class Needs {
  private readonly all = new Map<string, Needed>();

  /** Deploys each once what it needs itself is ready. */
  constructor(seen: Seen, common: Common) {
    for (const one of dependenciesOf(seen.args.deployments))
      this.all.set(one.definition.name, this.deploy(one, seen, common));
  }

  standing(recipe: string): Standing {
    return this.needed(recipe).standing;
  }

  /** What must hold before the services of a deployment start. */
  before({ definition }: Deployment): Check[] {
    return namesOfNeeded(definition).flatMap((name) => [...this.needed(name).gates.values()]);
  }

  /** Everything that says whether all are ready, by name. */
  get gates(): ReadonlyMap<string, Check> {
    return new Map([...this.all.values()].flatMap(({ gates }) => [...gates]));
  }

  /** Values of an app's secrets, by name: given, those of others, or made here. Nobody gets to see them. */
  secretsOf({ definition }: Deployment, app: AppSpec, args: RecipeStackArgs): Record<string, pulumi.Output<string>> {
    const made = app.secrets.filter(({ content }) => content === undefined);
    const entries = made.map((secret) => {
      const given = givenSecret(definition, secret);
      const name = `secret-value:${secret.name}`;
      const value = given ? this.given(given) : new GeneratedSecret(name, () => generateSecret(secret)).value;
      return [secret.name, value.apply((text) => redacted(args.recorder, text))] as const;
    });
    return Object.fromEntries(entries);
  }

  private given(given: string | SecretOf): pulumi.Output<string> {
    if (typeof given === "string") return pulumi.secret(given);
    const { standing, secretValues } = this.needed(given.recipe);
    const spec = standing.spec.secrets.find(({ key }) => key === given.secret);
    return present(spec && secretValues[spec.name], `secret ${given.secret} of ${given.recipe}`);
  }

  private deploy(one: Deployment, seen: Seen, common: Common): Needed {
    const { args } = seen;
    const { name } = one.definition;
    const secretValues = this.secretsOf(one, one.head, args);
    const standing = deploy({
      ...common,
      name: `needs:${name}`,
      app: one.head,
      after: this.before(one),
      secretValues,
      exactServices: exactServices(undefined, one.head),
      exactConfigs: new Set(),
    });
    const gates = args.plan.flatMap(({ checks }) => checks.filter((check) => check.gate && check.dependency === name));
    const made = makeChecks(args, gates, () => footingOf(seen, standing, one.head, []));
    return { standing, secretValues, gates: made };
  }

  private needed(recipe: string): Needed {
    return present(this.all.get(recipe), `dependency ${recipe}`);
  }
}

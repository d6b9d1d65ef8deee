import * as pulumi from "@pulumi/pulumi";
import { signOnOf } from "../checks/sign-on/sign-on.ts";
import type { Check } from "../components/check.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import type { AppSpec, SecretSpec } from "../compose/app-spec.ts";
import { generateSecret } from "../compose/objects/secret-values.ts";
import { shortHash } from "../lib/names.ts";
import { present } from "../lib/present.ts";
import type { SecretOf } from "../recipes/define-recipe.ts";
import { namesOfNeeded } from "../recipes/dependencies.ts";
import { type Common, deploy, redacted, type Standing } from "./deployment.ts";
import { appNow, type Deployment, dependenciesOf } from "./deployments.ts";
import { exactServices } from "./exact-services.ts";
import { givenSecret } from "./given-secrets.ts";
import { clientsOf } from "./sign-on.ts";
import type { RecipeStackArgs } from "./stack-args.ts";
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
  /** Values that were made here, by the names of their secrets. */
  private readonly made = new Map<string, pulumi.Output<string>>();

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
      const value = given ? this.given(given) : this.generated(secret);
      return [secret.name, value.apply((text) => redacted(args.recorder, text))] as const;
    });
    return Object.fromEntries(entries);
  }

  private generated(secret: SecretSpec): pulumi.Output<string> {
    const known = this.made.get(secret.name);
    if (known) return known;
    const { value } = new GeneratedSecret(`secret-value:${secret.name}`, () => generateSecret(secret));
    this.made.set(secret.name, value);
    return value;
  }

  /**
   * Has a provider's clients' secrets at hand for its checks, which are asked again where one is another.
   * @returns digests of them
   */
  private clientSecrets({ args }: Seen, provider: string, known: Map<string, string>): pulumi.Output<string>[] {
    return clientsOf(
      provider,
      args.deployments.map(({ definition }) => definition),
    ).map((client) => {
      const parent = args.deployments.find(({ definition }) => definition.name === client.client);
      const app = parent && appNow(parent, args.phase);
      const secret = app?.secrets.find(({ key }) => key === client.secretKey);
      const { definition } = present(parent, client.client);
      const spec = present(secret, `secret ${client.secretKey} of ${client.client}`);
      const given = givenSecret(definition, spec);
      const value = given ? this.given(given) : this.generated(spec);
      return value.apply((text) => {
        known.set(client.client, redacted(args.recorder, text));
        redacted(args.recorder, signOnOf(client, text).user.password);
        return shortHash([text], 16);
      });
    });
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
    const clientSecrets = new Map<string, string>();
    const digests = this.clientSecrets(seen, name, clientSecrets);
    const footing = () => {
      const own = footingOf(seen, standing, one.head, []);
      if (digests.length === 0) return own;
      const fingerprint = pulumi.all([own.fingerprint, ...digests]).apply((parts) => parts.join(" "));
      return { ...own, fingerprint, context: () => ({ ...own.context(), clientSecrets }) };
    };
    const made = makeChecks(args, gates, footing);
    return { standing, secretValues, gates: made };
  }

  private needed(recipe: string): Needed {
    return present(this.all.get(recipe), `dependency ${recipe}`);
  }
}

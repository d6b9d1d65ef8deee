import * as pulumi from "@pulumi/pulumi";
import { type IssuedClient, signOnOf } from "../checks/sign-on/sign-on.ts";
import type { Check } from "../components/check.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import type { TextsToCome } from "../components/render/texts-to-come.ts";
import type { AppSpec, SecretSpec } from "../compose/app-spec.ts";
import { generateSecret } from "../compose/objects/secret-values.ts";
import { InfraError } from "../lib/errors.ts";
import { shortHash } from "../lib/names.ts";
import { present } from "../lib/present.ts";
import type { SecretOf } from "../recipes/define-recipe.ts";
import { namesOfNeeded } from "../recipes/dependencies.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import { type Common, deploy, redacted, type Standing } from "./deployment.ts";
import { appNow, type Deployment, dependenciesOf } from "./deployments.ts";
import { exactServices } from "./exact-services.ts";
import { givenSecret, isIssued, toGenerate } from "./given-secrets.ts";
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
  /** What identity providers gave those that they name themselves, by recipe. */
  private readonly issued = new Map<string, pulumi.Output<IssuedClient>>();

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
      const value = this.valueOf(definition, secret);
      return [secret.name, value.apply((text) => redacted(args.recorder, text))] as const;
    });
    return Object.fromEntries(entries);
  }

  /** What comes into a deployment's services in place of what nobody knew before. */
  textsToCome({ definition: { signsOn } }: Deployment): TextsToCome {
    if (signsOn?.idToCome === undefined) return {};
    // An id is in environments for all to see; only with its secret it is of use.
    return { [signsOn.idToCome]: pulumi.unsecret(this.issuedTo(signsOn.client).apply(({ id }) => id)) };
  }

  private valueOf(definition: SettledDefinition, secret: SecretSpec): pulumi.Output<string> {
    if (isIssued(definition, secret)) return this.issuedTo(definition.name).apply((one) => one.secret);
    const given = givenSecret(definition, secret);
    if (given === undefined) return this.generated(toGenerate(definition, secret));
    return typeof given === "string" ? this.filled(definition, pulumi.secret(given)) : this.given(given);
  }

  private filled(definition: SettledDefinition, value: pulumi.Output<string>): pulumi.Output<string> {
    const { idToCome, client } = definition.signsOn ?? {};
    if (idToCome === undefined || client === undefined) return value;
    return pulumi.all([value, this.issuedTo(client)]).apply(([text, { id }]) => text.replaceAll(idToCome, id));
  }

  private generated(secret: SecretSpec): pulumi.Output<string> {
    const known = this.made.get(secret.name);
    if (known) return known;
    const { value } = new GeneratedSecret(`secret-value:${secret.name}`, () => generateSecret(secret));
    this.made.set(secret.name, value);
    return value;
  }

  private issuedTo(client: string): pulumi.Output<IssuedClient> {
    return present(this.issued.get(client), `what its provider gave ${client}`);
  }

  /**
   * Has a provider's clients at hand for its checks, which are asked again where a secret is another.
   * @returns digests of them
   */
  private clients({ args, clients }: Seen, provider: string): pulumi.Output<string>[] {
    return signingOnAt(args, provider).map((client) => {
      const parent = args.deployments.find(({ definition }) => definition.name === client.client);
      const app = parent && appNow(parent, args.phase);
      const secret = app?.secrets.find(({ key }) => key === client.secretKey);
      const { definition } = present(parent, client.client);
      const spec = present(secret, `secret ${client.secretKey} of ${client.client}`);
      const issued = client.idToCome === undefined ? undefined : this.issuedTo(client.client);
      const id = issued?.apply((one) => one.id) ?? client.client;
      return pulumi.all([this.valueOf(definition, spec), id]).apply(([text, known]) => {
        clients.set(client.client, { id: known, secret: redacted(args.recorder, text) });
        redacted(args.recorder, signOnOf(client, text).user.password);
        return shortHash([text], 16);
      });
    });
  }

  /** Keeps what a provider's checks got of it, from the time on when it was asked. */
  private keepIssued({ args, clients }: Seen, provider: string, made: ReadonlyMap<string, Check>): void {
    for (const { checks } of args.plan) {
      for (const { name, issues, dependency } of checks) {
        if (issues === undefined || dependency !== provider) continue;
        const check = present(made.get(name), `the check ${name}`);
        // In a later update the check is not asked again: then the stack has the first answer, and this one is no matter.
        const answer = () => check.held.apply(() => JSON.stringify(clients.get(issues) ?? null));
        const { value } = new GeneratedSecret(`client:${issues}`, answer);
        this.issued.set(
          issues,
          value.apply((text) => issuedClient(issues, text)),
        );
      }
    }
  }

  private given(given: SecretOf): pulumi.Output<string> {
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
      mail: one.definition.mail,
      app: one.head,
      after: this.before(one),
      secretValues,
      textsToCome: this.textsToCome(one),
      exactServices: exactServices(undefined, one.head),
      exactConfigs: new Set(),
    });
    return { standing, secretValues, gates: this.gatesOf(one, seen, standing) };
  }

  private gatesOf({ definition: { name }, head }: Deployment, seen: Seen, standing: Standing): Map<string, Check> {
    const { args } = seen;
    const gates = args.plan.flatMap(({ checks }) => checks.filter((check) => check.gate && check.dependency === name));
    const count = gates.findLastIndex(({ issues }) => issues !== undefined) + 1;
    const own = footingOf(seen, standing, head, []);
    // Who has a client keeps it: it is asked for once, whatever becomes of the provider's services.
    const made = makeChecks(args, gates.slice(0, count), ({ issues }) =>
      issues ? { ...own, fingerprint: `client ${issues}` } : own,
    );
    this.keepIssued(seen, name, made);
    const digests = this.clients(seen, name);
    const fingerprint = pulumi.all([own.fingerprint, ...digests]).apply((parts) => parts.join(" "));
    return makeChecks(args, gates.slice(count), () => ({ ...own, fingerprint }), made);
  }

  private needed(recipe: string): Needed {
    return present(this.all.get(recipe), `dependency ${recipe}`);
  }
}

function signingOnAt({ deployments }: RecipeStackArgs, provider: string) {
  return clientsOf(
    provider,
    deployments.map(({ definition }) => definition),
  );
}

/** @throws InfraError for nothing: an update was ended between the answer and its keeping */
function issuedClient(client: string, text: string): IssuedClient {
  const kept = JSON.parse(text) as IssuedClient | null;
  if (kept) return kept;
  // A preview asks nobody, and deploys nothing.
  if (pulumi.runtime.isDryRun()) return { id: `id-of-${client}`, secret: `secret-of-${client}` };
  throw new InfraError(`what its provider gave ${client} is not known any more: an update ended in between`, {
    remedy: "destroy the stack, and start anew",
  });
}

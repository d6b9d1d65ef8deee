import { type MailServer, mailServerOf } from "../checks/mail/server.ts";
import { onlyDeclared } from "../checks/only-declared.ts";
import type { SignOnClient } from "../checks/sign-on/sign-on.ts";
import { definitionFile } from "../compose/env/app-env.ts";
import { namesElsewhere, type RunNames } from "../compose/env/stack-name.ts";
import { thrownWords, UserError, UserErrors } from "../lib/errors.ts";
import { meant } from "../lib/nearest.ts";
import { present } from "../lib/present.ts";
import type { Given, InRun, Needed, RecipeDefinition, SecretOf, SecretValues, Variables } from "./define-recipe.ts";
import { namesOfNeeded } from "./dependencies.ts";

/** A definition whose values are computed: those that hang on the names of a run, too. */
export interface SettledDefinition
  extends Omit<RecipeDefinition, "env" | "upgradeEnv" | "secrets" | "gives" | "asDependency"> {
  env?: Variables;
  upgradeEnv?: Variables;
  secrets?: SecretValues;
  /** The client that it is at its identity provider. Default: it has none. */
  signsOn?: SettledSignOn;
  /** What it names of its dependencies: nothing of them is read yet. Default: nothing. */
  named?: readonly Named[];
}

export interface SettledSignOn extends SignOnClient {
  /** Recipe of the provider. */
  provider: string;
}

/** A service or secret of another recipe, by key. */
export interface Named {
  kind: "service" | "secret";
  recipe: string;
  key: string;
}

/**
 * A definition with the values that it makes from what its dependencies are in a run. Names are enough for that, so
 * nothing has to be read or deployed before.
 *
 * @param others definitions of all that it needs, directly or not
 * @param namesOf the names of a recipe in this run
 * @throws UserError for a function of a definition that breaks, or names what is not declared
 */
export function settle(
  definition: RecipeDefinition,
  others: readonly RecipeDefinition[],
  namesOf: (recipe: string) => RunNames,
): SettledDefinition {
  const { env, upgradeEnv, secrets, gives: _, asDependency: __, ...rest } = definition;
  const named: Named[] = [];
  const around = { others, namesOf, named };
  const given = givenTo(definition, around);
  const made = {
    ...settled("env", definition, env, given),
    ...settled("upgradeEnv", definition, upgradeEnv, given),
    ...settled("secrets", definition, secrets, given),
  };
  givenBy(definition, around);
  for (const [name, one] of Object.entries(definition.sidecars ?? {}))
    texts(definition, `sidecars.${name}`, { image: one?.image });
  const signsOn = signsOnOf(definition, around);
  return { ...rest, ...made, ...(signsOn && { signsOn }), ...(named.length > 0 && { named }) };
}

function settled<Key extends string, T extends object>(
  key: Key,
  definition: RecipeDefinition,
  value: T | ((given: Given) => T) | undefined,
  given: Given,
): { [K in Key]?: T } {
  if (value === undefined) return {};
  const made = typeof value === "function" ? authored(definition, key, () => value(given)) : value;
  return { [key]: texts(definition, key, made) } as { [K in Key]?: T };
}

/** Where what a recipe needs is looked up. */
interface Around {
  others: readonly RecipeDefinition[];
  namesOf: (recipe: string) => RunNames;
  /** Told what is named. */
  named: Named[];
}

function givenTo(definition: RecipeDefinition, around: Around): Given {
  const needs = namesOfNeeded(definition).map((name) => {
    const needed = present(
      around.others.find((one) => one.name === name),
      `the definition of ${name}`,
    );
    return [name, neededOf(needed, definition, around)] as const;
  });
  const undeclared = (name: string, names: readonly string[]) =>
    unknown(`"${name}" is no dependency of it`, name, names);
  return {
    needs: onlyDeclared(Object.fromEntries(needs), undeclared),
    get mail() {
      return mailOf(definition, around);
    },
  };
}

/** @throws UserError where the definition does not say that mail is sent */
function mailOf({ name, mail }: RecipeDefinition, { namesOf }: Around): MailServer {
  if (mail) return mailServerOf(namesOf(name).namespace);
  throw new UserError("there is no server for its mail", { remedy: "say mail: true" });
}

function neededOf(definition: RecipeDefinition, parent: RecipeDefinition, around: Around): Needed {
  const given = (key: string) => {
    // What its own code names is its own author's business, and told when that definition is settled.
    const all = givenBy(definition, { ...around, named: [] });
    if (Object.hasOwn(all, key)) return present(all[key], key);
    throw unknown(`"${key}" is nothing that ${definition.name} gives`, key, Object.keys(all));
  };
  return {
    ...inRun(definition.name, around),
    given,
    get signOn() {
      if (parent.signsOnAt?.provider === definition.name) {
        const { issuer, client, idToCome } = present(signsOnOf(parent, around), "its client");
        return { issuer, client: idToCome ?? client };
      }
      throw new UserError(`${parent.name} is no client of ${definition.name}`, {
        remedy: `say signsOnAt: { provider: "${definition.name}", ... }`,
      });
    },
  };
}

/** @throws UserError for a provider that is none, or is not needed */
function signsOnOf(definition: RecipeDefinition, around: Around): SettledSignOn | undefined {
  const { name, signsOnAt } = definition;
  if (!signsOnAt) return undefined;
  const { provider, secret, redirects } = signsOnAt;
  const place = { file: definitionFile(name), key: "signsOnAt.provider" };
  const needed = namesOfNeeded(definition);
  const providing = needed.includes(provider) ? around.others.find((one) => one.name === provider) : undefined;
  if (!providing)
    throw new UserError(`"${provider}" is no dependency of it`, { place, remedy: "add it to dependencies" });
  const { signOn } = providing;
  if (!signOn)
    throw new UserError(`${provider} signs nobody on`, {
      place,
      remedy: `say in ${definitionFile(provider)} how: signOn`,
    });
  if (signOn.lacks?.password && !signOn.logIn)
    throw new UserError("without the grant password nobody gets a token but in a browser", {
      place: { file: definitionFile(provider), key: "signOn.logIn" },
      remedy: "say how users log in",
    });
  const own = inRun(provider, { ...around, named: [] });
  const issuer = authored(providing, "signOn.issuer", () => signOn.issuer(own, name));
  const names = around.namesOf(name);
  const domains = [names.domain, namesElsewhere(names).domain];
  const all = domains.flatMap((domain) => redirects.map((path) => `https://${domain}${path}`));
  const given = signOn.issue && { idToCome: `id-that-${provider}-gives-to-${name}-once-it-runs` };
  return { provider, client: name, issuer, redirects: all, secretKey: secret, ...given };
}

function givenBy(definition: RecipeDefinition, around: Around): Variables {
  // What it is given of mail is looked up by who asks for it alone.
  const own = Object.assign(givenTo(definition, around), inRun(definition.name, around));
  const made = () => definition.gives?.(own) ?? {};
  return texts(definition, "gives", authored(definition, "gives", made));
}

/** @throws UserErrors for each value that is no text: it would be deployed as the word "undefined" */
function texts<T extends object>(definition: RecipeDefinition, key: string, values: T): T {
  const wrong = Object.entries(values).filter(([, value]) => typeof value !== "string" && !isSecret(key, value));
  const errors = wrong.map(([name, value]) => {
    const place = { file: definitionFile(definition.name), key: `${key}.${name}` };
    return new UserError(`the value is ${value === undefined ? "undefined" : "no text"}`, {
      place,
      remedy: "correct it",
    });
  });
  if (errors.length > 0) throw new UserErrors(errors);
  return values;
}

/** Of secrets one may be left open, and another one may be meant. */
function isSecret(key: string, value: unknown): boolean {
  if (key !== "secrets") return false;
  return value === undefined || (typeof value === "object" && value !== null && "secret" in value);
}

function unknown(message: string, name: string, known: readonly string[]): UserError {
  return new UserError(message, { remedy: meant(name, known, `there is ${known.join(", ") || "none"}`) });
}

function inRun(recipe: string, { namesOf, named }: Around): InRun {
  const { domain, namespace } = namesOf(recipe);
  const service = (key: string) => {
    named.push({ kind: "service", recipe, key });
    return `${namespace}_${key}`;
  };
  const secret = (key: string): SecretOf => {
    named.push({ kind: "secret", recipe, key });
    return { recipe, secret: key };
  };
  return { recipe, domain, namespace, service, secret };
}

/** Does what a definition's own code says. */
function authored<T>({ name }: RecipeDefinition, key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const place = { file: definitionFile(name), key };
    if (error instanceof UserError) {
      throw new UserError(error.message, { place: error.place ?? place, remedy: error.remedy, cause: error });
    }
    throw new UserError(`it broke: ${thrownWords(error)}`, { place, remedy: "correct it", cause: error });
  }
}

import type { AuthorContext } from "../checks/author-context.ts";
import type { AuthoredCheck, AuthoredSeed } from "../checks/authored.ts";
import type { AfterRestore } from "../checks/backup/disaster.ts";
import type { HealthCondition } from "../checks/health.ts";
import type { Journey } from "../checks/journey.ts";
import type { MailServer } from "../checks/mail/server.ts";
import type { SidecarSpec } from "../checks/sidecar/host.ts";
import type { Grant, IssuedClient, LogIn, SignOn } from "../checks/sign-on/sign-on.ts";
import type { Duration } from "../lib/duration.ts";
import type { Waiver } from "../lint/waivers.ts";

/** A recipe kept as plain folders: head, and beside it the releases, each with only the files that differ. */
export interface FolderSource {
  folder: string;
  releases?: string;
}

/** Phases after which a recipe's own checks may be asked. */
export const ASKED_AFTER = ["install", "upgrade", "restore", "custom"] as const;
export type AskedAfter = (typeof ASKED_AFTER)[number];

/** A check of a recipe's own. */
export interface OwnCheck extends AuthoredCheck {
  /**
   * The phases after which it is asked: of what that phase left. Default: `custom`, once, after all others. A phase
   * that a run leaves out asks nothing.
   */
  after?: AskedAfter[];
}

/** Another recipe that must run before a recipe's services start. */
export interface Dependency<Name extends string = string> {
  /** Name of the recipe. */
  recipe: Name;
  /** Git URL or folder of it. Default: what its own `ci.ts` says, else the catalogue. */
  source?: string;
  /** Branch, tag or commit that is deployed. Default: its newest release; HEAD where it has none. */
  ref?: string;
}

/** A secret's value, which nobody sees: known when the stack is deployed. */
export interface SecretOf {
  recipe: string;
  /** Key of the secret in that recipe. */
  secret: string;
}

/** A recipe as it will run in this run. All of it is known before anything is deployed. */
export interface InRun {
  recipe: string;
  /** Its own domain. */
  domain: string;
  /** Its Swarm namespace. */
  namespace: string;
  /** Name of a service of its in every network that both are in, by its key. */
  service(key: string): string;
  /** The value of a secret of its, by its key. */
  secret(key: string): SecretOf;
}

/** A dependency as those see it that need it. */
export interface Needed extends InRun {
  /** What its own `ci.ts` gives under a key. */
  given(key: string): string;
  /** What the recipe is there, where it says that its users sign on there. */
  signOn: { issuer: string; client: string };
}

/** An identity provider, as its own `ci.ts` says how clients come to it. */
export interface SignOnProvider {
  /** URL of the issuer for a recipe's client: from names alone. */
  issuer: (own: InRun, client: string) => string;
  /**
   * Makes a client and gives the id and the secret that the provider chose, once it is ready: asked a single time in a
   * run, before {@link register}. Default: a client's id is its recipe's name, and its secret the recipe's own.
   */
  issue?: (context: AuthorContext, client: ClientToCome) => Promise<IssuedClient>;
  /** Makes the client, unless it was issued, and its user; asked again it leaves them as they are to be. */
  register: (context: AuthorContext, signOn: SignOn) => Promise<void>;
  /** How a user logs in at its pages. Default: those who sign on there have to know. Needed without `password`. */
  logIn?: LogIn;
  /**
   * Grants that it has not, each with the reason; without `password` a user's tokens are asked for through a browser.
   * Default: it has all.
   */
  lacks?: Partial<Record<Grant, string>>;
}

/** A client that has no id yet. */
export interface ClientToCome {
  /** Recipe whose users are signed on. */
  recipe: string;
  /** Where users may be sent back to, in full. */
  redirects: string[];
}

/** Where a recipe's users sign on. */
export interface SignsOnAt<Name extends string = string> {
  /** One of the dependencies. */
  provider: Name;
  /**
   * Key of the recipe's own secret that holds the client's: it is made as any other, also where `.env.sample` forbids it,
   * since operators have it from their provider, and told to the provider; where
   * that names its clients itself, it holds what it gave.
   */
  secret: string;
  /** Paths of the app to which users are sent back. */
  redirects: string[];
}

/** What there is to make values from. */
export interface Given<Name extends string = string> {
  /** The dependencies, by recipe. */
  needs: Record<Name, Needed>;
  /** Where its mail is to go, where its definition says `mail: true`. */
  mail: MailServer;
}

/** What CI alone changes of a service, until its recipe has it. */
export interface Overlay {
  /** Image in place of the recipe's, e.g. where nobody can pull that tag any more. Default: the recipe's. */
  image?: string;
  /** Start period of its health check, e.g. where a first start takes longer on a small node. Default: the recipe's. */
  startPeriod?: Duration;
  /** Why, and until when: each run says so in its warnings. */
  reason: string;
}

export type Variables = Record<string, string>;
export type SecretValues = Record<string, string | SecretOf>;

/** How one recipe is tested. Everything has a default: a recipe without a definition gets the generic checks. */
export interface RecipeDefinition<Name extends string = string> {
  /** Name of the recipe. */
  name: string;
  /** Where the recipe is: a git URL or folder, or plain folders; relative paths start at the project. */
  source?: string | FolderSource;
  /**
   * What a healthy app does, one condition or several, asked in their order: `http`, `tcp`, `tls`, `udp`, `exec`, `log`.
   * Default: `GET /` through the Traefik label's port must give 200.
   */
  health?: HealthCondition | HealthCondition[];
  /** Data written before upgrade and backup, looked for afterwards. Default: a marker file in one of the volumes. */
  seeds?: AuthoredSeed[];
  /**
   * The recipe's own checks, one after another as they stand here. Names are prefixed with `custom.`, or with
   * `<phase>.custom-` in other phases. Default: none.
   */
  custom?: OwnCheck[];
  /** What a person does after install and must find again after every later phase. Default: nothing. */
  journeys?: Journey[];
  /**
   * Containers of other images that its own checks, journeys and seeds may ask for by `context.sidecar(name)`, by that
   * name. The images are on the node before anything is deployed. Default: none.
   */
  sidecars?: Record<string, SidecarSpec>;
  /**
   * Its mail is caught: `env` is given where to send it, and `context.mail.receive` gives what came. Default: there is no
   * server for it.
   */
  mail?: boolean;
  /**
   * Other recipes that must run before this one's services start: each is deployed at its newest release, in the same
   * stack, and must be ready. What goes wrong with one blocks the verdict. Default: none.
   */
  dependencies?: readonly (Name | Dependency<Name>)[];
  /** What those get from it that need this recipe, such as a URL or a client's id, by key. Default: nothing. */
  gives?: (own: InRun & Given<Name>) => Record<string, string>;
  /** How it signs users of other recipes on. Default: it is no identity provider. */
  signOn?: SignOnProvider;
  /** Where its own users sign on: one of its dependencies. Default: nowhere else. */
  signsOnAt?: SignsOnAt<Name>;
  /**
   * What is another where other recipes need this one, in place of the keys of the same names: mostly less, e.g. without
   * what it needs for its own tests alone. Default: nothing.
   */
  asDependency?: Pick<RecipeDefinition<Name>, "dependencies" | "signsOnAt" | "env" | "secrets">;
  /** Variables over those of `.env.sample`, as an operator sets them who installs the app. */
  env?: Variables | ((given: Given<Name>) => Variables);
  /**
   * Release tag that an upgrade to head starts from, e.g. where nobody has the images of a later one any more. A head that
   * is not newer starts from what it would without. Default: the newest release older than head.
   */
  upgradeFrom?: string;
  /**
   * Variables that the release notes of head tell operators to set before they upgrade to it. Theirs stay as the
   * release they come from made them, so what only head's `.env.sample` has is not there. Default: none.
   */
  upgradeEnv?: Variables | ((given: Given<Name>) => Variables);
  /** Values of secrets that can't be generated, by key; an empty one is none. Default: none. */
  secrets?: SecretValues | ((given: Given<Name>) => SecretValues);
  /**
   * What CI changes of services as they are published, by their keys, in base and head. Default: nothing, a recipe is
   * tested as operators get it.
   */
  overlays?: Record<string, Overlay>;
  /**
   * Failed tasks tolerated per service while it starts. Default 0; one that ends since another service of its app is not
   * up yet, and says so, does not count.
   */
  restarts?: number;
  /**
   * How long nothing may change after convergence, and before tasks are ended on purpose. Default `2 s`, and then, of a
   * version that has not been watched before, `12 s`, or `14 s` where a service has no health check.
   */
  stableFor?: Duration;
  /** Longest wait for convergence. Default: the recipe's own TIMEOUT, at least 60 s. */
  convergence?: Duration;
  /**
   * What operators may lose in an upgrade or with a container, by key of a volume or a service, or by name of a database,
   * `database.schema` or `database.table` that is in no dump, or of a table of sqlite's, each with the reason, e.g.
   * `{ cache: "is filled anew" }`. Default: nothing.
   */
  mayLose?: Record<string, string>;
  /**
   * What operators have to do once restore hooks have run, because the app remembers what was there before:
   * `restart`. Default: nothing; without restore hooks files come back while the app stands still anyway.
   */
  afterRestore?: AfterRestore;
  /** Why this recipe has no backup to test, e.g. "stores nothing". Default: backup is tested. */
  noBackup?: string;
  /** Why the backup is not restored in a second app beside the first, e.g. "needs 6 GiB". Default: it is. */
  noSecondApp?: string;
  /**
   * Why an app that is taken to another domain still names the one it had, e.g. "a server's name is part of all its
   * users' ids". Default: it must not.
   */
  keepsName?: string;
  /**
   * Which node of a Swarm it needs to itself, with all that it needs: a constraint as in compose's `placement`, such as
   * `node.labels.disk == ssd`, or a node's name or id. `--place-on` overrides it. Default: any.
   */
  placeOn?: string;
  /**
   * What the recipe declares external and the node lacks: made for the run, under names of its own, and removed with
   * it. A network is an empty overlay network. Default: nothing; what is external must be on the node.
   */
  provides?: { networks?: string[] };
  /**
   * Services that ask for names of the run by https and look at certificates, by key. Each gets the certificate of the
   * node's authority, `/recipe-ci-authority.pem`, and variables that name it to OpenSSL, Node and Python's requests; a
   * program that reads none of them is told by `env`. Default: none. The names themselves every service finds.
   */
  trustsNode?: string[];
  /** Findings of `recipe-ci lint` that are accepted, each with a reason. Default: none. */
  waivers?: Waiver[];
}

/** Types a recipe's `ci.ts`: of what it needs, only what it declares can be named. */
export function defineRecipe<const Name extends string = never>(definition: RecipeDefinition<Name>): RecipeDefinition {
  return definition as unknown as RecipeDefinition;
}

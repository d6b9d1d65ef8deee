// What a recipe's ci.ts imports as "recipe-ci": all that its authors may rely on, and nothing else of the house.
export type { AppService, AuthorContext, Within } from "../checks/author-context.ts";
export type { AuthoredCheck, AuthoredSeed } from "../checks/authored.ts";
export type { BrowserSession, OpenOptions } from "../checks/browser/person.ts";
export type { BrowserUse, ConsoleAllowance } from "../checks/browser/use.ts";
export type { CheckContext, CheckDefinition, CheckFunction, Evidence } from "../checks/check.ts";
export { CheckFailure } from "../checks/check-failure.ts";
export { execInService } from "../checks/exec.ts";
export type { ExecExpectation, HealthCondition, LogExpectation } from "../checks/health.ts";
export type { HttpExpectation } from "../checks/http/expected-answer.ts";
export { fetchFromApp } from "../checks/http/http.ts";
export type { HttpAnswer, HttpRequest, HttpSession, HttpTarget } from "../checks/http/http-session.ts";
export type { Journey } from "../checks/journey.ts";
export type { Mailbox } from "../checks/mail/mailbox.ts";
export type { Mail, MailWanted } from "../checks/mail/receive.ts";
export type { MailServer } from "../checks/mail/server.ts";
export { fileSeed } from "../checks/seeds/file-seed.ts";
export { type HttpSeedArgs, httpSeed } from "../checks/seeds/http-seed.ts";
export type { Seed, SnapshotPlace } from "../checks/seeds/seed.ts";
export { type SqlSeedArgs, sqlSeed } from "../checks/seeds/sql-seed.ts";
export type { Sidecar } from "../checks/sidecar/exec.ts";
export type { SidecarSpec } from "../checks/sidecar/host.ts";
export type { Grant, IssuedClient, LogIn, SignOn, SignOnUser } from "../checks/sign-on/sign-on.ts";
export type { TcpExpectation } from "../checks/tcp.ts";
export type { TlsExpectation } from "../checks/tls.ts";
export type { UdpExpectation } from "../checks/udp.ts";
export { type Attempt, type UntilOptions, until } from "../lib/until.ts";
export {
  type AskedAfter,
  type ClientToCome,
  type Dependency,
  defineRecipe,
  type Given,
  type InRun,
  type Needed,
  type Overlay,
  type OwnCheck,
  type RecipeDefinition,
  type SecretOf,
  type SignOnProvider,
  type SignsOnAt,
} from "./define-recipe.ts";

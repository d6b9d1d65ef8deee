import { generateKeyPairSync } from "node:crypto";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { GeneratedSecret } from "../../components/generated-secret.ts";
import { home } from "../../lib/home.ts";
import { shortHash } from "../../lib/names.ts";
import { projectPath } from "../../lib/project.ts";
import type { CertificateOrder, IssuedCertificate } from "../acme/issue.ts";
import type { AcmeSettings } from "./acme-settings.ts";
import type { ApiAccess } from "./api.ts";

/** What a node's certificate is for, and where that is shown. */
export interface NodeCertificateArgs extends AcmeSettings {
  access: ApiAccess;
  zone: string;
  domain: string;
  /** Of its records in the zone. */
  labels: pulumi.Input<Record<string, string>>;
  /** Since when the node is there, ISO 8601. */
  begun: pulumi.Output<string>;
  /** Program with the steps `certificate issued` and `certificate kept`. */
  program: string;
}

/** What the program is told by standard input. */
export interface CertificateTask {
  order: CertificateOrder;
  labels: Record<string, string>;
}

/** An `up` gets a new one once as many days are over; authorities' live for 45 and more. */
const RENEWED_AFTER = 30;
const DAY = 86_400_000;

/** A certificate that an authority of the world's gave, kept in the state as a secret until an `up` renews it. */
export function nodeCertificate({
  access,
  zone,
  labels,
  begun,
  program,
  ...order
}: NodeCertificateArgs): pulumi.Output<IssuedCertificate> {
  const { value: accountKey } = new GeneratedSecret("acme-account", newAccountKey);
  const period = begun.apply((since) => String(Math.floor((Date.now() - Date.parse(since)) / (RENEWED_AFTER * DAY))));
  const issued = new local.Command(
    "acme-certificate",
    {
      create: "certificate issued",
      // What changes without a trigger, such as the token, asks for no other certificate.
      update: "certificate kept",
      interpreter: [process.execPath, projectPath(program), `--zone=${zone}`, `--endpoint=${access.endpoint}`],
      stdin: pulumi.jsonStringify({ order: { ...order, accountKey }, labels }),
      environment: { RECIPE_CI_HOME: home(), HCLOUD_TOKEN: pulumi.secret(access.token) },
      triggers: [order.domain, order.directory, shortHash([order.authorities]), period],
      logging: local.Logging.Stderr,
    },
    { additionalSecretOutputs: ["stdout"] },
  );
  return pulumi.secret(issued.stdout.apply((text) => JSON.parse(text) as IssuedCertificate));
}

/** Key of an account at an authority, as PEM. */
export function newAccountKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** For people: whose it is, and until when. */
export function certificateWords({ notAfter }: IssuedCertificate, directory: string): string {
  return `of ${new URL(directory).host}, until ${notAfter.slice(0, 10)}; an up renews it after ${RENEWED_AFTER} days`;
}

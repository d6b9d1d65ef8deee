import * as pulumi from "@pulumi/pulumi";
import { type BesideServiceArgs, besideService } from "./beside-service.ts";

export interface MailServiceArgs extends BesideServiceArgs {
  /** Name by which the app sends its mail there. */
  host: string;
}

/** Whatever user and password an app has, its mail is taken; and nobody outside is asked for anything. */
const ENV = {
  MP_SMTP_AUTH_ACCEPT_ANY: "true",
  MP_SMTP_AUTH_ALLOW_INSECURE: "true",
  MP_SMTP_DISABLE_RDNS: "true",
  MP_DISABLE_VERSION_CHECK: "true",
  MP_MAX_MESSAGES: "500",
};

/** A mail server in the app's networks that keeps what comes, and sends nothing on: Mailpit. */
export class MailService extends pulumi.ComponentResource {
  constructor(name: string, { host, ...args }: MailServiceArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:MailService", name, {}, options);
    besideService(name, args, { env: ENV, alias: host }, { parent: this });
    this.registerOutputs();
  }
}

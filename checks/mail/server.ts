import { boundedName, SERVICE_NAME_LIMIT, shortHash } from "../../lib/names.ts";

/** Where an app sends its mail: by SMTP, with any user and password or none, and without TLS. */
export interface MailServer {
  host: string;
  port: number;
}

/** Mailpit's own (its Dockerfile). */
const SMTP_PORT = 1025;
export const API_PORT = 8025;

/** What catches the mail of the app of a namespace. Its host is an alias that no other app has, and a host name to all. */
export function mailServerOf(namespace: string): MailServer {
  return { host: `mail-${shortHash([namespace], 10)}`, port: SMTP_PORT };
}

/** Name of the service that is that, which stands in the app's networks. */
export function mailNameOf(namespace: string): string {
  return boundedName(`${namespace}-mail`, SERVICE_NAME_LIMIT);
}

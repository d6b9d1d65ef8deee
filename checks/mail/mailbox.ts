import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { type Mail, type MailWanted, receiveMail } from "./receive.ts";
import { type MailServer, mailServerOf } from "./server.ts";

/** Mail of an app that says `mail: true`. */
export interface Mailbox extends MailServer {
  /**
   * Waits for a mail that the app sends, and takes it away: the next call gets the next one.
   * @throws CheckFailure where none comes in time, with those that came
   */
  receive(wanted: MailWanted): Promise<Mail>;
}

/** @throws CheckFailure of the author, once it is used, where the app's definition does not say that it sends mail */
export function mailboxOf(context: CheckContext): Mailbox {
  const server = () => {
    const { namespace } = context.app;
    if (context.catchers?.has(namespace)) return mailServerOf(namespace);
    throw new CheckFailure("ci.ts asks for mail, and does not say so: add mail: true", { owner: "author" });
  };
  return {
    get host() {
      return server().host;
    },
    get port() {
      return server().port;
    },
    receive: async (wanted) => {
      server();
      return receiveMail(context, wanted);
    },
  };
}

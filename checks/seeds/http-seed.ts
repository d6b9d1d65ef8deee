import type { AuthorContext } from "../author-context.ts";
import type { AuthoredSeed } from "../authored.ts";
import type { HttpAnswer, HttpSession } from "../http/http-session.ts";

export interface HttpSeedArgs {
  /** Needed where a recipe has several. Default `object`. */
  name?: string;
  /** A session that may write and read. Default: one that knows nothing. */
  session?: (context: AuthorContext) => Promise<HttpSession>;
  /** Writes the value through the app's API; overwrites an older one. */
  write(session: HttpSession, value: string, context: AuthorContext): Promise<unknown>;
  /** Path at which it is read. */
  path: string | ((context: AuthorContext) => string);
  /** The value in the answer. */
  value(answer: HttpAnswer): string | undefined;
  /** Status codes by which the app says that it is gone. Default `[404]`. */
  gone?: number[];
}

/**
 * A seed that is an object of the app's own API. It is gone when the app answers so, or answers without it; it is
 * destroyed with the volumes of the app. Where it lies in a dump is not known: the restore shows it.
 */
export function httpSeed(args: HttpSeedArgs): AuthoredSeed {
  const { name = "object", gone = [404], session = async (context: AuthorContext) => context.http() } = args;
  return {
    name,
    write: async (context, value) => {
      await args.write(await session(context), value, context);
    },
    read: async (context) => {
      const path = typeof args.path === "string" ? args.path : args.path(context);
      const answer = await (await session(context)).get(path, { accept: [200, ...gone] });
      return gone.includes(answer.status) ? undefined : args.value(answer);
    },
  };
}

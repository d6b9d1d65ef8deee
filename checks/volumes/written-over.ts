import type { AppSpec } from "../../compose/app-spec.ts";
import { plural, some } from "../../lib/plural.ts";
import type { CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { notedTexts, textsNow } from "./contents.ts";
import { isNew, mustLast } from "./lost-contents.ts";
import { UNLESS_NEEDLESS } from "./lost-volumes.ts";

/** What files are called that programs bring, or write anew as they start. */
const OF_PROGRAMS =
  /conf|setting|option|preference|feature|manifest|package|composer|build|info|about|status|state|health|schema|robots|licen[sc]e|readme|changelog|example|sample|default|template|route|plugin|module|theme|locale|lang|i18n|translation|index|public|dist|^(src|lib|app|docs)$/i;

/** What a program consists of: in a volume with any of it, files of text come with it, and change with it. */
const PROGRAM = /\.(php|m?js|css|py|rb|pl|jar|class|so|html?)$/i;

/** Files of text by their volume's key and their path. */
export type Texts = ReadonlyMap<string, string>;

/** Whether a file is called as what an app's users have, and not as what a program brings or makes for itself. */
export function isOfUsers(path: string): boolean {
  return (
    mustLast(path) &&
    !path
      .split("/")
      .slice(1)
      .some((part) => OF_PROGRAMS.test(part))
  );
}

/** Volumes in which base's app keeps its own program. */
export function programVolumes(files: Iterable<string>): Set<string> {
  return new Set([...files].filter((path) => PROGRAM.test(path)).map((path) => path.split("/")[0] ?? ""));
}

/**
 * Files that head put back to what a new app has: what base's app had in them is gone but for that part. A file that is
 * otherwise than before says nothing, since most programs write theirs anew; one that lost some of what it had, and is
 * now to the byte what an app has that never had any, was written over.
 *
 * @param base what base's app had
 * @param head what head had made of it
 * @param fresh what head writes as it starts on nothing
 */
export function writtenOver(base: Texts, head: Texts, fresh: Texts): string[] {
  return [...base]
    .filter(([path, text]) => {
      const now = head.get(path);
      if (now === undefined || now === text || now !== fresh.get(path)) return false;
      return isPartOf(now, text) && isOfUsers(path);
    })
    .map(([path]) => path);
}

/** Whether a text is another without some of its characters. */
function isPartOf(text: string, whole: string): boolean {
  let at = 0;
  for (const character of text) {
    at = whole.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return text.length < whole.length;
}

/**
 * Asked of a new app before anything is restored in it, which shows what head writes by itself.
 *
 * @param from the app that was upgraded
 * @param mayLose reasons, by key of a volume, why nothing of it is needed
 */
export function writesOverNothing(
  resticOf: ResticOf,
  from: AppSpec,
  mayLose: Record<string, string> = {},
): CheckFunction {
  return async (context) => {
    const noted = (note: "base" | "backup") => notedTexts(from, resticOf({ ...context, app: from }), note);
    const [base, head] = await Promise.all([noted("base"), noted("backup")]);
    const { newFile, newTable } = isNew(base, head);
    if (newFile || newTable) return { summary: "there is something new, which what is gone may have become" };
    const fresh = base.texts.size > 0 ? await textsNow(context, resticOf(context), mayLose) : new Map<string, string>();
    const programs = programVolumes(base.files);
    const lost = writtenOver(base.texts, head.texts, fresh).filter((path) => !programs.has(path.split("/")[0] ?? ""));
    if (lost.length > 0) {
      throw new CheckFailure(
        `head has written over ${some(lost)}: of what base's app had there, only what a new app begins with is left. ${UNLESS_NEEDLESS}`,
      );
    }
    return { summary: `${plural(base.texts.size, "file")} of base's app, none of which is a new app's now` };
  };
}

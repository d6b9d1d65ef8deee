import { describe } from "../lib/errors.ts";
import { type Joint, judgeTogether } from "./joint.ts";
import { OFFER_LIMIT, type Offer, offersOf, together, withOptions } from "./offers.ts";
import type { ComposeSource } from "./places.ts";
import { type Combination, type CombinationOptions, lacking, pathsOf, tryOffer } from "./try-offer.ts";

/** How many other offers are tried beside one that can't be loaded alone, and how often that is done at all. */
const HELPERS = 6;
const TRIES = 100;

export interface Judged {
  /** The first is what an operator gets who changes nothing. */
  combinations: Combination[];
  /** How many offers there are beyond those that are judged. */
  left: number;
  /** What came of several options at once. */
  joint: Omit<Joint, "combinations">;
}

/**
 * Loads a recipe in every combination that its sample offers, each as `render` does: never all files together, as
 * alternatives can't be merged, and what a merge adds to a service an operator may never get.
 * @param options with `joint`, several options at once as well
 */
export async function judgeCombinations(options: CombinationOptions & { joint: boolean }): Promise<Judged> {
  const offers = offersOf(options.sample, []);
  const named = new Set<string>();
  for (const offer of offers) for (const path of await pathsOf(offer, options)) named.add(path);
  const isUnnamed = ({ path }: ComposeSource) => !path.includes("/") && !named.has(path);
  const all = offersOf(
    options.sample,
    options.files.filter(isUnnamed).map(({ path }) => path),
  );
  const [plain, ...others] = all;
  const first = await tryOffer(plain ?? { env: "", lines: [] }, options);
  const combinations = [first];
  const beside = { ...options, enabled: first.enabled, tries: { left: TRIES } };
  for (const offer of others.slice(0, OFFER_LIMIT)) combinations.push(await judge(offer, others, first, beside));
  const { combinations: several, ...joint } = options.joint
    ? await judgeTogether(combinations, options)
    : { combinations: [], conflicts: [], left: 0 };
  combinations.push(...several);
  if (!combinations.some(({ merged }) => merged)) combinations.push(...(await composeAlone(first, options)));
  return { combinations, left: Math.max(0, others.length - OFFER_LIMIT), joint };
}

/** An offer by itself, or with what it needs beside it. */
async function judge(
  offer: Offer,
  others: readonly Offer[],
  first: Combination,
  options: CombinationOptions & { tries: { left: number } },
): Promise<Combination> {
  const alone = await tryOffer(offer, options);
  // What is wrong without it as well is told already, and nothing beside it helps.
  const known = new Set(first.refused.map(describe));
  if (alone.refused.every((error) => known.has(describe(error))) || options.tries.left <= 0) return alone;
  options.tries.left -= 1;
  const completed = await tryOffer(withOptions(offer, lacking(alone, options)), options);
  if (completed.refused.length === 0 && completed.merged) return { ...completed, needsOptions: alone.refused };
  const [line] = offer.lines;
  const helpers = others.flatMap(({ lines }) => lines).filter((other) => other !== line);
  for (const helper of line === undefined ? [] : helpers.slice(0, HELPERS)) {
    options.tries.left -= 1;
    const both = await tryOffer(together(options.sample, [line ?? 0, helper]), options);
    // A list of its own would have taken the place of what is tried.
    const isWhole = alone.enabled.every((path) => both.enabled.includes(path));
    if (isWhole && both.merged && both.refused.length === 0) return { ...both, offer, needsLine: helper };
  }
  return alone;
}

/** `compose.yml` by itself, so that a mistake in what is enabled does not hide all others. */
async function composeAlone(first: Combination, options: CombinationOptions): Promise<Combination[]> {
  const over = { ...options.over, COMPOSE_FILE: "compose.yml" };
  const { merged, env } = await tryOffer(first.offer, { ...options, over });
  return merged ? [{ ...first, env, merged, enabled: ["compose.yml"], refused: [], needsOptions: [] }] : [];
}

import { asRecord, servicesOf } from "../compose/files/compose-file.ts";
import type { UserError } from "../lib/errors.ts";
import { JOINT_LIMIT, linesOf, type OptionLine, together, withOptions } from "./offers.ts";
import { type Combination, type CombinationOptions, lacking, tryOffer } from "./try-offer.ts";

/** Options that can't be loaded at once, though each can be alone. */
export interface Conflict {
  /** Their lines of the sample. */
  lines: readonly number[];
  errors: readonly UserError[];
}

/** What came of several options at once. */
export interface Joint {
  /** Those that can be loaded. */
  combinations: Combination[];
  conflicts: readonly Conflict[];
  /** How many combinations there are beyond those that are judged. */
  left: number;
}

/** An option that can be loaded, and what it brings. */
interface Part extends OptionLine {
  /** Its own line, and the one it needs. */
  lines: readonly number[];
  /** The compose files that are enabled by it alone. */
  added: readonly string[];
  /** What these make services of, by service. */
  images: ReadonlyMap<string, string>;
}

/**
 * Loads a recipe with several of its options at once: all that go together, with each of their alternatives, and then
 * every two. Lines of one paragraph are alternatives, as are two lists, and overlays that make different images of one
 * service: an operator takes one of them.
 * @param alone what came of no option, and of each by itself
 */
export async function judgeTogether(alone: readonly Combination[], options: CombinationOptions): Promise<Joint> {
  const parts = partsOf(alone, options);
  const all = [...wholeSets(parts), ...pairsOf(parts)];
  const combinations: Combination[] = [];
  const conflicts: Conflict[] = [];
  for (const set of all.slice(0, JOINT_LIMIT)) {
    const { merged, refused, ...rest } = await tryTogether(set, options);
    if (refused.length > 0) conflicts.push({ lines: linesIn(set), errors: refused });
    else if (merged) combinations.push({ ...rest, merged, refused });
  }
  return { combinations, conflicts: smallest(conflicts), left: Math.max(0, all.length - JOINT_LIMIT) };
}

async function tryTogether(set: readonly Part[], options: CombinationOptions): Promise<Combination> {
  const offer = together(options.sample, linesIn(set));
  const tried = await tryOffer(offer, options);
  if (tried.refused.length === 0) return tried;
  // What only lacks the value of another option is told of that option alone.
  const completed = await tryOffer(withOptions(offer, lacking(tried, options)), options);
  return completed.refused.length === 0 ? completed : tried;
}

function partsOf(alone: readonly Combination[], { sample, files }: CombinationOptions): Part[] {
  const plain = new Set(alone[0]?.enabled);
  const lines = linesOf(sample);
  return alone.flatMap(({ offer, enabled, merged, refused, needsLine }) => {
    const own = lines.find(({ line }) => line === offer.lines[0]);
    if (!own || !merged || refused.length > 0) return [];
    const added = enabled.filter((path) => !plain.has(path));
    const services = files
      .filter(({ path }) => added.includes(path))
      .flatMap((file) => Object.entries(servicesOf(file)));
    const images = services.flatMap(([key, service]) => {
      const { image } = asRecord(service);
      return typeof image === "string" ? [[key, image] as const] : [];
    });
    const needed = needsLine === undefined ? [] : [needsLine];
    return [{ ...own, lines: [own.line, ...needed], added, images: new Map(images) }];
  });
}

/** Whether an operator may have both, and has more by it than by one of them. */
function goTogether(first: Part, second: Part): boolean {
  if (first.paragraph === second.paragraph || (!first.extends && !second.extends)) return false;
  const [before, after] = first.line < second.line ? [first, second] : [second, first];
  // The last assignment counts: a list drops what an addition before it has added.
  if (before.extends && !after.extends) return false;
  if ([...first.images].some(([key, image]) => (second.images.get(key) ?? image) !== image)) return false;
  return !isWithin(first, second) && !isWithin(second, first);
}

function isWithin(inner: Part, outer: Part): boolean {
  return inner.added.every((path) => outer.added.includes(path));
}

function pairsOf(parts: readonly Part[]): Part[][] {
  return parts.flatMap((first, index) =>
    parts
      .slice(index + 1)
      .filter((second) => goTogether(first, second))
      .map((second) => [first, second]),
  );
}

/** Every option with all that go with it and with one another: three and more. */
function wholeSets(parts: readonly Part[]): Part[][] {
  const sets = new Map<string, Part[]>();
  for (const part of parts) {
    const set = [part];
    for (const other of parts) if (set.every((one) => one !== other && goTogether(one, other))) set.push(other);
    if (set.length > 2) sets.set(linesIn(set).join(" "), set);
  }
  return [...sets.values()];
}

/** Of conflicts those that no smaller one explains. */
function smallest(conflicts: readonly Conflict[]): Conflict[] {
  return conflicts.filter(
    ({ lines }) =>
      !conflicts.some(
        (other) => other.lines.length < lines.length && other.lines.every((line) => lines.includes(line)),
      ),
  );
}

function linesIn(set: readonly Part[]): number[] {
  return [...new Set(set.flatMap(({ lines }) => lines))].sort((a, b) => a - b);
}

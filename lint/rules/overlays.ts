import { toFinding } from "../findings.ts";
import { OFFER_LIMIT } from "../offers.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

const SAMPLE = ".env.sample";

export const overlaysUsable: Rule = {
  id: "C009",
  level: "warning",
  title: "Every overlay works beside what is enabled, or .env.sample says what it goes with",
  why: "Enabled without the other overlay that it builds on, it makes the deployment fail.",
  remedy: "Give .env.sample a COMPOSE_FILE line with all the files that go together.",
  check: ({ head }) => [...unusable(head), ...needing(head), ...notJudged(head)],
};

function unusable(head: RecipeState): Finding[] {
  const { unnamed } = head.offer;
  if (!unnamed) return [];
  return head.refused.map((error) => {
    const { message, file, line } = toFinding(head, error);
    const place = file === undefined ? { file: unnamed, line: 1 } : { file, line };
    return { message: `.env.sample does not say how ${unnamed} is used, and beside the rest: ${message}`, ...place };
  });
}

function needing({ offer, needsLine }: RecipeState): Finding[] {
  if (needsLine === undefined) return [];
  return [{ message: `this option works only with that of line ${needsLine}`, file: SAMPLE, line: offer.lines[0] }];
}

function notJudged({ left }: RecipeState): Finding[] {
  if (left === 0) return [];
  return [{ message: `of the options ${OFFER_LIMIT} were judged, and ${left} not`, file: SAMPLE, line: 1 }];
}

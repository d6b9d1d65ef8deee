import { toFinding } from "../findings.ts";
import { JOINT_LIMIT, OFFER_LIMIT } from "../offers.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

const SAMPLE = ".env.sample";

export const overlaysUsable: Rule = {
  id: "C009",
  level: "warning",
  title: "Every overlay works beside what is enabled, or .env.sample says what it goes with",
  why: "Enabled without the other overlay that it builds on, it makes the deployment fail.",
  remedy: "Give .env.sample a COMPOSE_FILE line with all the files that go together.",
  check: ({ head }) => [...unusable(head), ...needing(head), ...conflicting(head), ...notJudged(head)],
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

function conflicting(head: RecipeState): Finding[] {
  return head.conflicts.flatMap(({ lines, errors }) => {
    const others = lines.slice(0, -1);
    const those = `that of line ${others.join(", ")}`.replace(/^that of line (?=.*,)/, "those of lines ");
    const [first] = errors.map((error) => toFinding(head, error).message);
    return {
      message: `this option does not work with ${those}: ${first}`,
      file: SAMPLE,
      line: lines.at(-1),
      remedy: "Put alternatives into one paragraph of .env.sample, without an empty line between; or let both work.",
    };
  });
}

function notJudged({ left, leftTogether }: RecipeState): Finding[] {
  const told = [
    left > 0 ? `of the options ${OFFER_LIMIT} were judged, and ${left} not` : "",
    leftTogether > 0 ? `of the combinations of options ${JOINT_LIMIT} were judged, and ${leftTogether} not` : "",
  ];
  return told.filter(Boolean).map((message) => ({ message, file: SAMPLE, line: 1 }));
}

import type { PhaseResult, RunResult } from "../../lifecycle/result.ts";

const PHASES = ["install", "upgrade", "backup", "restore", "move", "custom", "destroy"] as const;
const HEADINGS = ["recipe", "from → to", ...PHASES, "whole", "run on"];

/** What the page says of one recipe. */
export interface CatalogueEntry {
  /** Its line of the table. */
  row: string;
  /** Its images and what was not proven, line by line, without the heading. */
  details: string[];
}

/** What `docs/catalogue.md` says of a run. */
export function catalogueEntry(result: RunResult): CatalogueEntry {
  const { recipe, base, head, phases, durationMs, startedAt } = result;
  const cells = PHASES.map((name) => cell(phases.find((phase) => phase.name === name)));
  const versions = base ? `${base.version} → ${head.version}` : (head.version ?? head.commit.slice(0, 8));
  const all = [recipe, versions, ...cells, seconds(durationMs), startedAt.slice(0, 10)];
  return { row: `| ${all.join(" | ")} |`, details: details(result) };
}

/** The page with these recipes, by name. */
export function catalogueText(entries: ReadonlyMap<string, CatalogueEntry>): string {
  const sections = [...entries].map(([recipe, { details }]) => [`## ${recipe}`, "", ...details].join("\n"));
  return `# The catalogue

Recipes of real applications that this project brings (\`tests/recipes/\`, \`recipes/\`), each taken through its whole life by
\`npm run catalogue\`, which writes this page; with names (\`npm run catalogue gitea\`) it takes those alone, and leaves the
other rows. A phase's cell has the checks that held and its seconds, those of one run, whatever the machine did besides.
What was not proven is named, and so is every image that is a stand-in.

| ${HEADINGS.join(" | ")} |
|${HEADINGS.map(() => "---|").join("")}
${[...entries.values()].map(({ row }) => row).join("\n")}

${sections.join("\n\n")}
`;
}

/** What a page that `catalogueText` wrote says of each recipe. Another table, of an older form, has no rows. */
export function readCatalogue(text: string): Map<string, CatalogueEntry> {
  const lines = text.split("\n");
  const heading = lines.indexOf(`| ${HEADINGS.join(" | ")} |`);
  const rows = heading < 0 ? [] : lines.slice(heading + 2, lines.indexOf("", heading));
  return new Map(
    rows.map((row) => {
      const recipe = row.split("|")[1]?.trim() ?? "";
      const start = lines.indexOf(`## ${recipe}`) + 2;
      const end = lines.indexOf("", start);
      return [recipe, { row, details: lines.slice(start, end) }];
    }),
  );
}

function cell(phase: PhaseResult | undefined): string {
  if (phase?.status !== "passed") return phase?.reason ?? "—";
  const held = phase.checks.filter(({ status }) => status === "passed").length;
  return `${held}, ${seconds(phase.durationMs)}`;
}

function details({ base, head, phases, standIns }: RunResult): string[] {
  const all = [...new Set([base, head].flatMap((version) => Object.values(version?.images ?? {})))].sort();
  const images = all.map((image) => {
    const standIn = standIns.find((one) => one.image === image);
    return `- \`${image}\`${standIn ? `, a stand-in: ${standIn.builtFrom}` : ""}`;
  });
  const skipped = phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "skipped"));
  const left = skipped.map((check) => `- not proven: ${check.title}${"reason" in check ? ` (${check.reason})` : ""}`);
  return [...images, ...left];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

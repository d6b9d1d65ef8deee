import type { PhaseResult, RunResult } from "../../lifecycle/result.ts";

const PHASES = ["install", "upgrade", "backup", "restore", "move", "custom", "destroy"] as const;

/** What `docs/catalogue.md` says of these runs. */
export function catalogueText(results: readonly RunResult[]): string {
  return `# The catalogue

Recipes of real applications that this project brings (\`tests/recipes/\`, \`recipes/\`), each taken through its whole life by
\`npm run catalogue\`, which writes this page. A phase's cell has the checks that held and its seconds. What was not proven
is named, and so is every image that is a stand-in.

| recipe | from → to | ${PHASES.join(" | ")} | whole |
|---|---|${PHASES.map(() => "---|").join("")}---|
${results.map(row).join("\n")}

${results.map(images).join("\n\n")}
`;
}

function row(result: RunResult): string {
  const { recipe, base, head, phases, durationMs } = result;
  const cells = PHASES.map((name) => cell(phases.find((phase) => phase.name === name)));
  const versions = base ? `${base.version} → ${head.version}` : (head.version ?? head.commit.slice(0, 8));
  return `| ${recipe} | ${versions} | ${cells.join(" | ")} | ${seconds(durationMs)} |`;
}

function cell(phase: PhaseResult | undefined): string {
  if (phase?.status !== "passed") return phase?.reason ?? "—";
  const held = phase.checks.filter(({ status }) => status === "passed").length;
  return `${held}, ${seconds(phase.durationMs)}`;
}

function images({ recipe, base, head, phases, standIns }: RunResult): string {
  const all = [...new Set([base, head].flatMap((version) => Object.values(version?.images ?? {})))].sort();
  const lines = all.map((image) => {
    const standIn = standIns.find((one) => one.image === image);
    return `- \`${image}\`${standIn ? `, a stand-in: ${standIn.builtFrom}` : ""}`;
  });
  const skipped = phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "skipped"));
  const left = skipped.map((check) => `- not proven: ${check.title}${"reason" in check ? ` (${check.reason})` : ""}`);
  return [`## ${recipe}`, "", ...lines, ...left].join("\n");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

import { readTemplate } from "./read.ts";

/** Of a variable Swarm knows `join` and Go's own functions, and neither `env` nor `secret` (swarmkit, template/expand.go). */
export function expansionProblem(text: string): string | undefined {
  if (!text.includes("{{")) return undefined;
  const { problems, calls } = readTemplate(text)({});
  const [problem] = problems;
  if (problem) return problem.message;
  const [call] = calls;
  return call && `function "${call.source}" is only there in configs`;
}

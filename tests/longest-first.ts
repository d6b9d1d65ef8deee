import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take minutes, in the order in which they begin: one of them alone at the end would leave workers idle. */
const LONGEST = [
  "differential",
  "hand-guard",
  "faults",
  "lifecycle-workers",
  "lifecycle-twins",
  "restore-twins",
  "node",
  "lifecycle-run",
  "dependencies",
  "swarm-converge",
  "pulumi-command",
  "machines",
].map((name) => new RegExp(`/(?:live|hetzner)/${name}\\.test\\.ts$`));

/** Order of test files: the longest first, then as vitest has it. A clean checkout has no times of an earlier run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => name.test(moduleId));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

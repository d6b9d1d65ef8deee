import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take minutes, in the order in which they begin: one of them alone at the end would leave workers idle. */
const LONGEST = [
  "node",
  "lifecycle-workers",
  "applications",
  "faults",
  "hand-guard",
  "differential",
  "lifecycle-turns",
  "lifecycle-parallel",
  "dependencies",
  "end-by-hand",
  "edited-definition",
  "restore-twins",
  "lifecycle-twins",
  "shared-checkout",
  "pulumi-command",
  "bare-pulumi",
  "public-names",
  "data-verdicts",
  "images-ensure",
  "node-user-data",
  "pulumi-remote",
  "lifecycle-run",
  "browser",
  "pulumi-language",
  "swarm-converge",
  "node-refusals",
  "provider",
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

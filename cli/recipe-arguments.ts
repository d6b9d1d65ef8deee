import { Command } from "commander";

/** Where a command finds its recipe, which version of it, and how it answers. */
export interface RecipeArguments {
  source?: string;
  ref?: string;
  /** Uncommitted changes of a local folder are head. */
  dirty?: boolean;
  json?: boolean;
}

/**
 * A command about one recipe at one ref: `<name> <recipe> [--source <place>] [--ref <ref>] [--dirty] [--json]`.
 * @param verb what it does to the ref, for the help: "branch, tag or commit to ..."
 * @param json what `--json` gives, for the help
 */
export function recipeCommand(name: string, { verb, json }: { verb: string; json: string }): Command {
  return new Command(name)
    .argument("<recipe>", "name of the recipe; recipes/<name>/ci.ts says where it is and how it is tested")
    .option("--source <place>", "folder or git URL of the recipe, instead of what its ci.ts says")
    .option("--ref <ref>", `branch, tag or commit to ${verb} (default: HEAD)`)
    .option("--dirty", `${verb} a local folder as it lies there, uncommitted changes included`)
    .option("--json", json);
}

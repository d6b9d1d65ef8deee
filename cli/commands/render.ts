import { Command } from "commander";
import { stringify } from "yaml";
import { findRecipe } from "../../recipes/find.ts";
import { loadVersions, locateVersions } from "../../stacks/prepare.ts";

interface RenderOptions {
  source?: string;
  ref?: string;
  json?: boolean;
}

/** `recipe-ci render`: the AppSpec of a recipe at a ref, as it would be deployed. */
export function renderCommand(): Command {
  return new Command("render")
    .description("show what a recipe asks of a Swarm at a ref: services, networks, volumes, secrets, configs")
    .argument("<recipe>", "name of the recipe")
    .option("--source <place>", "folder or git URL of the recipe, instead of what its ci.ts says")
    .option("--ref <ref>", "branch, tag or commit to render (default: HEAD)")
    .option("--json", "as JSON instead of YAML")
    .action(async (recipe: string, options: RenderOptions) => {
      const definition = await findRecipe(recipe, options.source);
      const located = await locateVersions(definition, options.ref);
      const only = { ...located, baseCommit: undefined };
      const { head } = await loadVersions({ run: `render-${recipe}`, definition }, only);
      console.log(options.json ? JSON.stringify(head, null, 2) : stringify(head, { lineWidth: 0 }));
    });
}

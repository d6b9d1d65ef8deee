import * as pulumi from "@pulumi/pulumi";
import { type CheckRecord, CheckRecorder } from "../checks/recorder.ts";
import { UPGRADABLE, upgradable } from "../checks/upgradable.ts";
import { diffApps } from "../diff/diff-apps.ts";
import { InfraError, UserError } from "../lib/errors.ts";
import { present } from "../lib/present.ts";
import { Redactor } from "../masking/redactor.ts";
import { chosenKind } from "../nodes/kinds.ts";
import { runStack } from "../nodes/local-stack.ts";
import type { Node } from "../nodes/node.ts";
import { configuredBaseDomain } from "../nodes/platform-settings.ts";
import { definitionDigest } from "../recipes/definition-digest.ts";
import { findRecipe } from "../recipes/find.ts";
import { connect } from "../swarm/client.ts";
import { loadDeployments, loadSecond, locateRecipes, namesIn, subjectOf } from "./deployments.ts";
import { STACK_PHASES, type StackPhase } from "./phases.ts";
import { prepareNode } from "./prepare.ts";
import { recipeStack } from "./recipe.ts";
import { locateVersions } from "./versions.ts";

/**
 * A recipe's stack as `pulumi up` sees it, from the stack's config:
 * - `recipe` (required), `source`, `ref`: what is tested, as for `recipe-ci run`
 * - `phase`: how far the stack goes, `install` to `custom`; default `install`. An upgrade is two updates: one at
 *   `install`, one at `upgrade`
 * - `catalogue`: URL of recipes by name, with `{recipe}` in it; default: `RECIPE_CI_CATALOGUE`
 * - `placeOn`: the node of the Swarm that it is put on, by name, id or constraint; default: what its `ci.ts` says
 * - `dockerHost`: the node's engine; default: that of the node that runs go to
 *
 * @throws UserError for a phase or recipe that does not exist
 */
export async function recipeStackByHand(recipe: string, config: pulumi.Config): Promise<Record<string, unknown>> {
  const run = pulumi.getStack();
  const phase = parsePhase(config.get("phase") ?? "install");
  const catalogue = config.get("catalogue");
  const definition = await findRecipe(recipe, config.get("source"), catalogue);
  const located = await locateVersions(definition, { ref: config.get("ref") });
  const recipes = await locateRecipes(definition, located, {
    namesOf: namesIn(run, config.get("baseDomain") ?? configuredBaseDomain()),
    catalogue,
  });
  const deployments = await loadDeployments(recipes);
  const onRecord = (record: CheckRecord) => {
    void pulumi.log.info(
      `${record.name} ${record.status}: ${record.status === "passed" ? record.summary : record.error}`,
    );
  };
  const recorder = new CheckRecorder(new Redactor(), { onRecord });
  const signal = new AbortController().signal;
  const node = await chooseNode(config.get("dockerHost"));
  const swarm = connect(node.dockerHost);
  const { base, head, namespace } = subjectOf(deployments);
  if (base && phase !== "install") {
    await recorder.record(UPGRADABLE, signal, async () => upgradable(diffApps(base, head)));
  }
  const onProgress = (line: string) => void pulumi.log.info(line);
  const access = {
    ...{ run, placeOn: config.get("placeOn"), swarm, mirror: node.mirror },
    second: () => loadSecond(recipes),
    onProgress,
  };
  const prepared = await prepareNode(deployments, access, recorder, signal);
  const digests = await Promise.all(
    deployments.map(async ({ definition: { name } }) => [name, await definitionDigest(name)] as const),
  );
  const digestOf = (name: string) => present(new Map(digests).get(name), `the digest of ${name}`);
  recipeStack({ ...prepared, run, phase, digestOf, swarm, recorder, signal });
  return { phase, base: base?.version, head: head.version ?? head.commit, namespace };
}

function parsePhase(text: string): StackPhase {
  const phase = STACK_PHASES.find((name) => name === text);
  if (phase) return phase;
  throw new UserError(`there is no phase "${text}"`, {
    place: { key: "recipe-ci:phase" },
    remedy: `use one of ${STACK_PHASES.join(", ")}`,
  });
}

async function chooseNode(dockerHost: string | undefined): Promise<Pick<Node, "dockerHost" | "mirror">> {
  if (dockerHost) return { dockerHost };
  const node = await chosenKind().find();
  if (node) return node;
  throw new InfraError("there is no node", { remedy: `npx recipe-ci pulumi up -s ${runStack()}` });
}

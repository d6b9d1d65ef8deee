import * as pulumi from "@pulumi/pulumi";
import { type CheckRecord, CheckRecorder } from "../checks/recorder.ts";
import { Redactor } from "../checks/redactor.ts";
import { UPGRADABLE, upgradable } from "../checks/upgradable.ts";
import { runNames } from "../compose/env/stack-name.ts";
import { diffApps } from "../diff/diff-apps.ts";
import { InfraError, UserError } from "../lib/errors.ts";
import { chosenKind } from "../nodes/kinds.ts";
import { LOCAL_STACK } from "../nodes/local-stack.ts";
import type { Node } from "../nodes/node.ts";
import { definitionDigest } from "../recipes/definition-digest.ts";
import { findRecipe } from "../recipes/find.ts";
import { connect } from "../swarm/client.ts";
import { STACK_PHASES, type StackPhase } from "./phases.ts";
import { prepareNode } from "./prepare.ts";
import { recipeStack } from "./recipe.ts";
import { loadVersions, locateVersions } from "./versions.ts";

/**
 * A recipe's stack as `pulumi up` sees it, from the stack's config:
 * - `recipe` (required), `source`, `ref`: what is tested, as for `recipe-ci run`
 * - `phase`: how far the stack goes, `install` to `custom`; default `install`. An upgrade is two updates: one at
 *   `install`, one at `upgrade`
 * - `catalogue`: URL of recipes by name, with `{recipe}` in it; default: `RECIPE_CI_CATALOGUE`
 * - `placeOn`: name or id of the node of the Swarm that it is put on; default: the one with most free memory
 * - `dockerHost`: the node's engine; default: that of the node that runs go to
 *
 * @throws UserError for a phase or recipe that does not exist
 */
export async function recipeStackByHand(recipe: string, config: pulumi.Config): Promise<Record<string, unknown>> {
  const run = pulumi.getStack();
  const phase = parsePhase(config.get("phase") ?? "install");
  const definition = await findRecipe(recipe, config.get("source"), config.get("catalogue"));
  const located = await locateVersions(definition, { ref: config.get("ref") });
  const names = runNames(definition.name, run, config.get("baseDomain"));
  const versions = await loadVersions({ definition, names, forRun: true }, located);
  const onRecord = (record: CheckRecord) => {
    void pulumi.log.info(
      `${record.name} ${record.status}: ${record.status === "passed" ? record.summary : record.error}`,
    );
  };
  const recorder = new CheckRecorder(new Redactor(), { onRecord });
  const signal = new AbortController().signal;
  const node = await chooseNode(config.get("dockerHost"));
  const swarm = connect(node.dockerHost);
  const { base, head } = versions;
  if (base && phase !== "install") {
    await recorder.record(UPGRADABLE, signal, async () => upgradable(diffApps(base, head)));
  }
  const onProgress = (line: string) => void pulumi.log.info(line);
  const prepared = await prepareNode(
    versions,
    { run, placeOn: config.get("placeOn"), definition, swarm, mirror: node.mirror, onProgress },
    recorder,
    signal,
  );
  const digest = await definitionDigest(definition.name);
  recipeStack({ ...prepared, run, phase, definition, definitionDigest: digest, swarm, recorder, signal });
  return { phase, base: base?.version, head: head.version ?? head.commit, namespace: head.namespace };
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
  throw new InfraError("there is no node", { remedy: `npx recipe-ci pulumi up -s ${LOCAL_STACK}` });
}

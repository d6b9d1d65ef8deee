import { failureOf, RecordedFailure } from "../../checks/recorder.ts";
import { UPGRADABLE, upgradable } from "../../checks/upgradable.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { prepareNode } from "../../stacks/prepare.ts";
import { loadVersions, type Versions } from "../../stacks/versions.ts";
import { describeImages } from "../describe-version.ts";
import type { Session } from "../session.ts";
import { openStack } from "../stack.ts";

/** Reads the recipe, makes the node ready for it and the stack with the engine; nothing is deployed. */
export async function prepare(session: Session): Promise<void> {
  const { args, log, recorder, swarm } = session;
  const { run, definition, located, signal } = args;
  log.start("prepare");
  // The stack is made meanwhile: it takes a start of the engine's CLI, and needs nothing of the recipe.
  const stack = openStack(run, args.engine, true);
  stack.catch(() => undefined);
  try {
    const rendered = { name: "prepare.render", title: "Head and base can be rendered" };
    await recorder.record(rendered, signal, async () => {
      const versions = await loadVersions({ definition, names: session.names, forRun: true }, located);
      session.versions = versions;
      return { summary: describeImages(versions), details: { warnings: versions.warnings } };
    });
    if (!session.versions) return;
    await compareVersions(session, session.versions);
    session.prepared = await prepareNode(
      session.versions,
      {
        run,
        placeOn: args.placeOn,
        definition,
        swarm,
        mirror: args.mirror,
        onProgress: (line) => log.progress(line),
        onStep: (progress) => log.step(progress),
      },
      recorder,
      signal,
    );
  } catch (error) {
    // What is not on record yet is nobody's answer to a question of ours.
    if (!(error instanceof RecordedFailure)) throw error;
  } finally {
    session.stack = await stack.catch(async (error: unknown) => {
      const made = { name: "prepare.stack", title: "The engine makes the stack" };
      await recorder.fail(made, failureOf(error, signal), signal);
      session.prepared = undefined;
      return undefined;
    });
    log.end();
  }
}

async function compareVersions(session: Session, { base, head }: Versions): Promise<void> {
  if (!base) return;
  await session.recorder.record(UPGRADABLE, session.args.signal, async () => {
    session.changes = diffApps(base, head);
    return upgradable(session.changes);
  });
}

import { CheckFailure } from "../../checks/check.ts";
import { UPGRADABLE, upgradable } from "../../checks/upgradable.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { describe, UserError } from "../../lib/errors.ts";
import { prepareNode } from "../../stacks/prepare.ts";
import { BrokenBase, loadVersions, type Versions } from "../../stacks/versions.ts";
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
      const versions = await loadVersions({ definition, names: session.names }, located).catch(blamed);
      session.versions = versions;
      return { summary: describeImages(versions), details: { warnings: versions.warnings } };
    });
    if (!session.versions) return;
    await compareVersions(session, session.versions);
    session.prepared = await prepareNode(
      session.versions,
      {
        definition,
        swarm,
        mirror: args.mirror,
        onProgress: (line) => log.progress(line),
        onStep: (progress) => log.step(progress),
      },
      recorder,
      signal,
    );
  } catch {
    // What failed is in the recorder.
  } finally {
    session.stack = await stack.catch((error: Error) => {
      log.addFailure("prepare.stack", "The engine makes the stack", error.message);
      session.prepared = undefined;
      return undefined;
    });
    log.end();
  }
}

/** A maintainer of head can do nothing about a release that is out already. */
function blamed(error: unknown): never {
  if (error instanceof BrokenBase) throw new CheckFailure(error.message, { blame: "base" });
  if (error instanceof UserError) throw new CheckFailure(describe(error));
  throw error;
}

async function compareVersions(session: Session, { base, head }: Versions): Promise<void> {
  if (!base) return;
  const changes = diffApps(base, head);
  session.changes = changes;
  await session.recorder.record(UPGRADABLE, session.args.signal, async () => upgradable(changes));
}

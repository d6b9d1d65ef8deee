import { until } from "../../lib/until.ts";
import type { Swarm } from "../../swarm/client.ts";
import { type Helper, type HelperSpec, withContainer } from "../../swarm/helper-container.ts";
import { TestRun } from "./swarm-fixture.ts";

/** A container of a stand-in, started as a recipe starts it. */
export async function inContainer<T>(
  swarm: Swarm,
  spec: Omit<HelperSpec, "run">,
  use: (helper: Helper) => Promise<T>,
): Promise<T> {
  await using run = new TestRun(swarm);
  return await withContainer(swarm, { ...spec, run: run.name }, use);
}

/** Waits until a program ends well in it. */
export async function succeeds(helper: Helper, argv: readonly [string, ...string[]]): Promise<void> {
  const look = async () => {
    const { code, stdout, stderr } = await helper
      .exec(argv)
      .catch(() => ({ code: -1, stdout: "", stderr: "it ended" }));
    return code === 0 ? { done: true as const, value: undefined } : { done: false as const, reason: stdout + stderr };
  };
  await until(look, { what: argv.join(" "), deadline: "60 s" });
}

/** What a shell says in the container. */
export async function said(helper: Helper, script: string): Promise<string> {
  const { stdout, stderr } = await helper.exec(["sh", "-c", script]);
  return (stdout + stderr).trim();
}

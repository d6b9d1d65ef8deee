import { exec } from "../lib/exec.ts";
import { until } from "../lib/until.ts";
import { connect } from "../swarm/client.ts";
import { containerOf, execIn } from "../swarm/exec.ts";
import { inventory } from "../swarm/inventory.ts";
import type { BenchApp } from "./app.ts";
import type { Round } from "./round.ts";

/** The same app by the docker CLI: deployed until it answers, removed until nothing of it is there. */
export async function peer(
  { app, composeFile, env }: BenchApp,
  dockerHost: string,
  cli: readonly [string, ...string[]],
): Promise<Round> {
  const swarm = connect(dockerHost);
  const { namespace } = app;
  const docker = (args: string[]) =>
    exec([...cli, "-H", dockerHost, ...args], { env: { PATH: process.env.PATH, HOME: "/nonexistent", ...env } });
  const installStart = performance.now();
  const deploy = ["stack", "deploy", "--detach=false", "--resolve-image", "never", "-c", composeFile, namespace];
  await docker(deploy);
  const container = await containerOf(swarm, `${namespace}_app`);
  const answer = await execIn(container.engine, container.id, [
    "curl",
    "--fail",
    "--silent",
    `http://${namespace}_app/`,
  ]);
  if (answer.code !== 0) throw new Error(`the peer's app does not answer: ${answer.stderr}`);
  const installMs = performance.now() - installStart;

  const destroyStart = performance.now();
  await docker(["stack", "rm", namespace]);
  await until(
    async () => {
      const left = await ofNamespace(dockerHost, namespace, ["service", "container", "network"]);
      return left.length ? { done: false, reason: left[0] ?? "" } : { done: true, value: undefined };
    },
    { what: "docker stack rm", deadline: "60 s", every: "50 ms" },
  );
  // `stack rm` keeps volumes; ours are gone by now, so they are part of the work.
  await docker(["volume", "rm", ...app.volumes.map(({ name }) => name)]);
  return { installMs, destroyMs: performance.now() - destroyStart };
}

async function ofNamespace(dockerHost: string, namespace: string, kinds: string[]): Promise<string[]> {
  const { entries } = await inventory(connect(dockerHost));
  const ours = entries.filter((entry) => entry.namespace === namespace && kinds.includes(entry.kind));
  return ours.map(({ kind, name }) => `${kind} ${name} is there`);
}

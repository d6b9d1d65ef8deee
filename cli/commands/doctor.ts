import { Command } from "commander";
import { bytes } from "../../lib/bytes.ts";
import { describe, InfraError } from "../../lib/errors.ts";
import { stores } from "../../lifecycle/prune/prune.ts";
import { deadRuns } from "../../lifecycle/reaper.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { workersOf } from "../../machine/machine.ts";
import { nodeStatus } from "../../machine/node.ts";
import { LOCAL_STACK } from "../../nodes/local-stack.ts";
import { connect } from "../../swarm/client.ts";
import { swarmNodes } from "../../swarm/engines.ts";
import { nodeInfo } from "../../swarm/node-info.ts";
import { lookAtDisk, lookAtHost, lookAtPulumi } from "../doctor-host.ts";
import { lookAtState, lookForStrays } from "../doctor-state.ts";
import { EXIT } from "../exit.ts";
import { configuredKind } from "../node.ts";
import { localSwarm } from "./prune.ts";

/** One thing looked at. */
interface Finding {
  name: string;
  ok: boolean;
  detail: string;
}

/** `recipe-ci doctor`: what this machine has and lacks; changes nothing. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("look at what a run needs: Pulumi, the docker CLI, the local node, leftovers; changes nothing")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => {
      const findings = [
        await look("node.js", async () => process.version),
        await look("host", lookAtHost),
        await look("disk", lookAtDisk),
        await look("pulumi", lookAtPulumi),
        await look("state", lookAtState),
        await look("docker CLI", async () => (await dockerCli()).join(" ")),
        await look("local node", localNode),
        await look("strays", strays),
        await look("runs", leftovers),
        ...(await sizes()),
      ];
      if (options.json) console.log(JSON.stringify(findings, null, 2));
      else
        for (const { name, ok, detail } of findings)
          console.log(`${ok ? "ok  " : "LACK"} ${name.padEnd(18)} ${detail}`);
      if (findings.some(({ ok }) => !ok)) process.exitCode = EXIT.infra;
    });
}

async function localNode(): Promise<string> {
  const node = await nodeStatus(LOCAL_STACK);
  if (!node) return "not made yet: the first run makes it";
  const swarm = connect(node.socket);
  const info = await nodeInfo(swarm);
  const lacking = Object.entries(info.capabilities).filter(([, has]) => !has);
  const without = lacking.length ? `, without ${lacking.map(([name]) => name).join(", ")}` : "";
  const workers = (await workersOf(LOCAL_STACK)).map(({ name }) => name);
  const nodes = await swarmNodes(swarm);
  const lost = workers.filter((name) => !nodes.some((one) => one.name === name && one.engine));
  if (lost.length > 0) throw new InfraError(`${lost.join(", ")}: not up; the next run starts what is not`);
  const idle = nodes.filter(({ availability }) => availability !== "active");
  const beside = [
    ...(workers.length ? [`, with ${workers.join(", ")}`] : []),
    ...idle.map(({ name, availability }) => `; ${name} takes no runs (${availability})`),
  ].join("");
  return `Docker ${info.engineVersion} on ${node.socket}${without}${beside}`;
}

async function strays(): Promise<string> {
  const dockerHost = await configuredKind().look();
  return dockerHost ? lookForStrays(dockerHost) : "no node to look at";
}

async function leftovers(): Promise<string> {
  const dead = await deadRuns();
  if (dead.length === 0) return "nothing left over";
  throw new Error(`left over: ${dead.map(({ run }) => run).join(", ")}; the next run removes them`);
}

/** What grows with use: how much there is, its bound, and what `prune` would take away. */
async function sizes(): Promise<Finding[]> {
  const all = await stores(await localSwarm());
  return all.map(({ name, bytes: size, bound, spare }) => {
    const known = size === undefined ? "not known" : bytes(size);
    const more = spare.length ? `; ${spare.length} to take away: npx recipe-ci prune` : "";
    return { name, ok: true, detail: `${known}, bound: ${bound}${more}` };
  });
}

async function look(name: string, find: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, detail: await find() };
  } catch (error) {
    return { name, ok: false, detail: describe(error) };
  }
}

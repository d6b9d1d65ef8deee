import { expect, test } from "vitest";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { containerOf, execIn } from "../../swarm/exec.ts";
import { SERVE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

const ANSWERS = `mkdir /www; hostname > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait $!`;

test("a name leads to one address, behind which each task is found, and one of an update as well", async () => {
  const swarm = await testSwarmWithImages();
  await using run = new TestRun(swarm);
  const network = `${run.name}_inside`;
  await swarm.docker.createNetwork({ Name: network, Driver: "overlay", Labels: run.labels });
  const more = { EndpointSpec: { Mode: "vip" as const }, Networks: [{ Target: network }] };
  const two = { ...more, Mode: { Replicated: { Replicas: 2 } } };
  const served = await run.service("served", { Command: ["sh", "-c", ANSWERS] }, two);
  const asking = await run.service("asking", { Command: SERVE }, more);
  const services = [served, asking].map((name) => ({ name }));
  await watchConvergence({ swarm, services });
  const { engine, id } = await containerOf(swarm, asking);
  const inAsking = async (script: string) => (await execIn(engine, id, ["sh", "-c", script])).stdout.trim();
  const address = () => inAsking(`nslookup -type=a ${served} 127.0.0.11 | sed -n 's/^Address: //p'`);
  const before = await address();
  const answering = () => inAsking(`for i in 1 2 3 4 5 6; do wget -T 2 -qO - http://${before}/; done | sort -u`);
  await expect.poll(async () => (await answering()).split("\n").filter(Boolean)).toHaveLength(2);
  const old = (await answering()).split("\n");
  await run.update(served, { Env: ["SECOND=1"] });
  await watchConvergence({ swarm, services });
  expect(await address()).toBe(before);
  await expect
    .poll(async () => (await answering()).split("\n").filter((name) => name && !old.includes(name)))
    .toHaveLength(2);
});

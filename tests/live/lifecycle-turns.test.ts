import { beforeAll, expect, onTestFinished, test } from "vitest";
import type { ExecResult } from "../../lib/exec.ts";
import type { Swarm } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { IMAGE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

const PORT = 18_453;

const FILES = {
  "compose.yml": `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /etc; sleep 86400 & wait"]
    ports:
      - { target: 80, published: ${PORT}, mode: host }
    deploy:
      labels: ["coop-cloud.\${STACK_NAME}.version=1.0.0+1.37.0"]
`,
  ".env.sample": "TYPE=port\nDOMAIN=port.example.com\n",
};

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

function expectAllPass(outcomes: readonly ExecResult[]): void {
  for (const outcome of outcomes) {
    const { verdict, reason } = resultOf(outcome);
    expect(verdict, reason).toBe("pass");
  }
}

test("two runs that publish one port go one after the other, and both pass", async () => {
  const folder = await gitFolder(FILES);
  const run = () => recipeCi("run", "port", "--source", folder, "--json");
  const outcomes = await Promise.all([run(), run()]);
  expectAllPass(outcomes);
  const waited = outcomes.filter(({ stderr }) =>
    stderr.includes(`waiting for port ${PORT}/tcp, which another run has`),
  );
  expect(waited).toHaveLength(1);
});

test("a port that somebody else has is no fault of the recipe: it is told who", async () => {
  await using other = new TestRun(swarm);
  const ports = [{ Protocol: "tcp", TargetPort: 80, PublishedPort: PORT, PublishMode: "host" }] as const;
  const name = await other.service("holder", {}, { EndpointSpec: { Mode: "dnsrr", Ports: [...ports] } });
  await watchConvergence({ swarm, services: [{ name }], stableFor: "0 s" });
  const outcome = await recipeCi("run", "port", "--source", await gitFolder(FILES), "--json");
  const { verdict, reason } = resultOf(outcome);
  expect({ verdict, reason }).toEqual({
    verdict: "infra",
    reason: `prepare.ports: port ${PORT}/tcp is taken by service ${name} of ${other.name}`,
  });
  expect(outcome.code).toBe(3);
});

const SUBNET = "10.213.0.0/24";
const WITH_SUBNET = {
  "compose.yml": `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /etc; sleep 86400 & wait"]
    networks: [internal]
    deploy:
      labels: ["coop-cloud.\${STACK_NAME}.version=1.0.0+1.37.0"]
networks:
  internal: { ipam: { config: [{ subnet: ${SUBNET} }] } }
`,
  ".env.sample": "TYPE=subnet\nDOMAIN=subnet.example.com\n",
};

test.runIf(process.env.RECIPE_CI_PROOF)(
  "two runs that give a network one subnet go one after the other, and both pass",
  async () => {
    const folder = await gitFolder(WITH_SUBNET);
    const run = () => recipeCi("run", "subnet", "--source", folder, "--json");
    const outcomes = await Promise.all([run(), run()]);
    expectAllPass(outcomes);
    const waited = outcomes.filter(({ stderr }) => stderr.includes("waiting for subnets of networks"));
    expect(waited).toHaveLength(1);
  },
);

test.runIf(process.env.RECIPE_CI_PROOF)(
  "a subnet that a network of somebody else has is no fault of the recipe",
  async () => {
    const name = `holder-${process.pid}`;
    const network = await swarm.docker.createNetwork({
      Name: name,
      Driver: "overlay",
      IPAM: { Config: [{ Subnet: "10.213.0.0/16" }] },
    });
    onTestFinished(() => network.remove());
    const outcome = await recipeCi("run", "subnet", "--source", await gitFolder(WITH_SUBNET), "--json");
    const { verdict, reason } = resultOf(outcome);
    expect({ verdict, reason }).toEqual({
      verdict: "infra",
      reason: `prepare.subnets: subnet ${SUBNET} is taken, as 10.213.0.0/16, by network ${name}`,
    });
    expect(outcome.code).toBe(3);
  },
);

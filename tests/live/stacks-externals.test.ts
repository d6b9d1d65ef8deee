import { describe, expect, test } from "vitest";
import type { ConfigSpec, NetworkSpec } from "../../compose/app-spec.ts";
import { findExternals } from "../../stacks/externals.ts";
import { inventory } from "../../swarm/inventory.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { appSpec } from "../fixtures/spec.ts";
import { definedRun } from "./cli.ts";
import { changesSince, IMAGE, TestRun, testSwarm, testSwarmWithImages, UNCHANGED } from "./swarm-fixture.ts";

const config = (name: string, external = true): ConfigSpec => ({
  key: "ca",
  name,
  external,
  labels: {},
  data: "",
  file: "compose.yml",
});
const network = (name: string): NetworkSpec => ({
  key: "proxy",
  name,
  external: true,
  driverOpts: {},
  internal: false,
  attachable: false,
  labels: {},
});

test("what is external is found by its whole name; what is missing is told all at once, with the file", async () => {
  const swarm = await testSwarm();
  await using run = new TestRun(swarm);
  const Labels = run.labels;
  const made = await swarm.docker.createConfig({ Name: `${run.name}-ca`, Labels, Data: "eA==" });
  const other = await swarm.docker.createNetwork({ Name: `${run.name}-net`, Driver: "overlay", Labels });
  const head = appSpec({ configs: [config(`${run.name}-ca`)], networks: [network(`${run.name}-net`)] });
  expect(await findExternals(undefined, head, swarm)).toEqual({
    externalNetworks: { [`${run.name}-net`]: other.id },
    externalConfigs: { [`${run.name}-ca`]: made.id },
  });

  const [none, half] = [`${run.name}-none`, made.id.slice(0, 12)];
  const lacking = appSpec({ configs: [config(none), { ...config(half), key: "half" }], networks: [network(none)] });
  await expect(findExternals(undefined, lacking, swarm)).rejects.toThrow(
    [
      `the node has no network "${none}", which the recipe declares external (networks.proxy): make it on the node by docker network create --driver overlay ${none}, or have each run make one of its own by provides: { networks: ["${none}"] } in the recipe's ci.ts`,
      `the node has no config "${none}", which compose.yml declares external (configs.ca): make it on the node by docker config create ${none} FILE`,
      `the node has no config "${half}", which compose.yml declares external (configs.half): make it on the node by docker config create ${half} FILE`,
    ].join("\n"),
  );

  const provides = { networks: [none] };
  const needed = appSpec({ networks: [network(none)] });
  expect(await findExternals(undefined, needed, swarm, provides)).toEqual({
    externalNetworks: {},
    externalConfigs: {},
  });

  const base = appSpec({ configs: [config(none, false)] });
  const nothing = { externalNetworks: {}, externalConfigs: {} };
  expect(await findExternals(base, appSpec({ configs: [config(none)] }), swarm)).toEqual(nothing);
});

describe("a recipe that expects a network which the node lacks", () => {
  const name = `recipe-ci-test-${process.pid}-backbone`;
  const files = {
    "compose.yml": `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /etc; sleep 86400 & wait"]
    networks: [backbone]
    deploy:
      labels: ["coop-cloud.\${STACK_NAME}.version=1.0.0+1.37.0"]
networks:
  backbone: { external: true, name: ${name} }
`,
    ".env.sample": "TYPE=joined\nDOMAIN=joined.example.com\n",
  };
  const definition = { name: "joined", stableFor: "1 s" } as const;

  test("can't be judged, and whoever runs it reads how to make the network", async () => {
    const swarm = await testSwarmWithImages();
    const folder = await gitFolder(files);
    const { verdict, reason } = await definedRun({ folder, dockerHost: swarm.host, definition });
    expect(verdict, reason).toBe("blocked");
    expect(reason).toContain(`docker network create --driver overlay ${name}`);
  });

  test("is given one of the run's own by its definition, which goes with the run", async () => {
    const swarm = await testSwarmWithImages();
    const before = await inventory(swarm);
    const provides = { networks: [name] };
    const health = { tcp: { port: 80 } };
    const folder = await gitFolder(files);
    const args = { folder, dockerHost: swarm.host, definition: { ...definition, provides, health } };
    const [one, other] = await Promise.all([definedRun(args), definedRun(args)]);
    expect([one, other].map(({ verdict, reason }) => `${verdict}: ${reason}`)).toEqual(
      Array(2).fill(expect.stringContaining("pass: all")),
    );
    expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
  });
});

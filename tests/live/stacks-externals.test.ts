import { expect, test } from "vitest";
import type { ConfigSpec, NetworkSpec } from "../../compose/app-spec.ts";
import { findExternals } from "../../stacks/externals.ts";
import { appSpec } from "../fixtures/spec.ts";
import { TestRun, testSwarm } from "./swarm-fixture.ts";

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
      `the node has no network "${none}", which the recipe declares external (networks.proxy)`,
      `the node has no config "${none}", which compose.yml declares external (configs.ca)`,
      `the node has no config "${half}", which compose.yml declares external (configs.half)`,
    ].join("\n"),
  );

  const base = appSpec({ configs: [config(none, false)] });
  const nothing = { externalNetworks: {}, externalConfigs: {} };
  expect(await findExternals(base, appSpec({ configs: [config(none)] }), swarm)).toEqual(nothing);
});

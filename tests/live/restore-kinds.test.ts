import { expect, test } from "vitest";
import { commitAll, gitFolder, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

const label = (version: string) => `"coop-cloud.\${STACK_NAME}.version=${version}"`;

/** One of each kind of service, all of which write to one volume; what base has more stays after the upgrade. */
function compose(version: string, more = ""): string {
  const serve = `["sh", "-c", "trap 'exit 0' TERM; date >> /data/starts; sleep 86400 & wait"]`;
  return `version: "3.8"
x-common: &common
  image: ${IMAGE}
  stop_grace_period: 2s
  volumes: ["data:/data"]
services:
  app:
    <<: *common
    command: ${serve}
    deploy:
      replicas: 2
      update_config: { monitor: 500ms, order: stop-first }
      labels: ["backupbot.backup=true", ${label(version)}]
  every:
    <<: *common
    command: ${serve}
    deploy: { mode: global }
  idle:
    <<: *common
    deploy: { replicas: 0 }
  once:
    <<: *common
    command: ["sh", "-c", "echo schema > /data/schema"]
    deploy: { mode: replicated-job }
${more}volumes:
  data:
`;
}

const dropped = `  dropped:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; sleep 86400 & wait"]
`;
const others = { ".env.sample": "TYPE=kinds\nDOMAIN=kinds.example.com\n" };

test("services of every kind, and one that head dropped, survive the loss of their server", async () => {
  await testSwarmWithImages();
  const folder = await gitFolder({ "compose.yml": compose("1.0.0+1.37.0", dropped), ...others });
  await gitIn(folder, "tag", "-a", "1.0.0+1.37.0", "-m", "first");
  await writeFiles({ "compose.yml": compose("1.1.0+1.37.0").replace("schema >", "schema2 >") }, folder);
  await commitAll(folder, "second");
  const result = resultOf(await recipeCi("run", "kinds", "--source", folder, "--json"));
  const failed = result.phases.flatMap(({ checks }) => checks).filter(({ status }) => status === "failed");
  expect(failed).toEqual([]);
  expect(result.verdict, result.reason).toBe("pass");
  expect(result.ledger.left).toEqual([]);
});

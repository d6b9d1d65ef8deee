import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localMirror, publish } from "../../images/mirror.ts";
import { followProgress } from "../../images/progress.ts";
import type { Swarm } from "../../swarm/client.ts";
import { tarball } from "../../swarm/tarball.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

/** One program, and nothing that could run another. Always the same, as it stays in the node's mirror. */
const BARE = "recipe-ci-test/no-shell:1";

let swarm: Swarm;

beforeAll(async () => {
  swarm = await testSwarmWithImages();
  const content = `FROM ${IMAGE} AS programs\nFROM scratch\nCOPY --from=programs /bin/busybox /busybox\n`;
  const context = Readable.from([await tarball([{ name: "Dockerfile", content }])], { objectMode: false });
  await followProgress(await swarm.docker.buildImage(context, { t: BARE, rm: true }), undefined, () => undefined);
  const mirror = await localMirror(swarm);
  if (!mirror) throw new Error("the node has no mirror, and so nothing gives the image a digest");
  await publish(swarm, BARE, mirror);
});

afterAll(async () => {
  await swarm.docker.getImage(BARE).remove();
});

test("an app whose image has no shell is seeded, backed up and restored like any other", async () => {
  const folder = await gitFolder({
    "compose.yml": `version: "3.8"
services:
  app:
    image: ${BARE}
    command: ["/busybox", "httpd", "-f", "-p", "80", "-h", "/data"]
    user: "1000:1000"
    stop_grace_period: 1s
    volumes: ["data:/data"]
    deploy:
      labels:
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+1"
volumes:
  data:
`,
    ".env.sample": "TYPE=bare\nDOMAIN=bare.example.com\n",
  });
  const result = resultOf(await recipeCi("run", "bare", "--source", folder, "--json"));
  expect(`${result.verdict}: ${result.reason}`).toMatch(/^pass: .*not proven: restore\.writes-file$/);
  const passed = result.phases.flatMap(({ checks }) => checks).filter(({ status }) => status === "passed");
  expect(passed.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["install.seed-file", "backup.holds-file", "move.without-file", "restore.seed-file"]),
  );
});

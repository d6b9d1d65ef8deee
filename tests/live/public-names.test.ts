import { expect, test } from "vitest";
import { commitAll, gitFolder, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";
import { definedRun } from "./cli.ts";
import { quietRun } from "./quiet-run.ts";
import { IMAGE, testSwarm } from "./swarm-fixture.ts";

/** Also BusyBox 1.37: older ones can't agree with today's Traefik on how to sign. */
const BASE_IMAGE = "alpine:3.22";

/**
 * A service whose health check asks for its own public name, and one that starts with what the first gives at that
 * name, as users would reach it; another one looks at the certificate there as well. Traefik knows a service only once it
 * is healthy, so any answer of its will do there.
 */
function compose(image: string, version: string): string {
  return `version: "3.8"
x-common: &common
  image: ${image}
  environment: [DOMAIN]
services:
  app:
    <<: *common
    command: ["sh", "-c", "trap 'exit 0' TERM; echo yes > /data/index.html; httpd -p 80 -h /data; sleep 86400 & wait"]
    networks: [proxy]
    volumes: ["data:/data"]
    healthcheck:
      test: wget -O /dev/null https://$$DOMAIN/ 2>&1 | grep -e "HTTP/1.1 404" -e 100%
      interval: 2s
      retries: 5
    deploy:
      update_config: { monitor: 500ms, order: stop-first }
      labels:
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=${version}"
        - "traefik.enable=true"
        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.routers.\${STACK_NAME}.entrypoints=web-secure"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80"
  worker:
    <<: *common
    command: ["sh", "-c", "trap 'exit 0' TERM; until wget -q -O - https://$$DOMAIN/ | grep yes; do sleep 1; done; touch /started; sleep 86400 & wait"]
    networks: [internal]
    healthcheck:
      # By http first: what is asked follows to https, as a browser does.
      test: test -e /started && wget -q -O - http://$$DOMAIN/ | grep yes
      interval: 2s
      retries: 15
    deploy:
      update_config: { monitor: 500ms, order: stop-first }
  strict:
    image: curlimages/curl:8.14.1
    environment: [DOMAIN]
    entrypoint: ["sh", "-c"]
    command: ["until curl -k https://$$DOMAIN/ | grep yes; do sleep 1; done; curl -sS https://$$DOMAIN/ > /tmp/got && exec sleep 86400"]
    healthcheck:
      test: grep yes /tmp/got
      interval: 2s
      retries: 15
    stop_grace_period: 1s
    deploy:
      update_config: { monitor: 500ms, order: stop-first }
networks:
  proxy:
    external: true
  internal:
volumes:
  data:
`;
}

const files = (image: string, version: string) => ({
  "compose.yml": compose(image, version),
  ".env.sample": "TYPE=public\nDOMAIN=public.example.com\n",
});

/** What looks at certificates and trusts the node's. */
const TRUSTING = { name: "public", trustsNode: ["strict"] };

test("services that reach one another by their public names live their whole life, also under another domain", async () => {
  const folder = await gitFolder(files(BASE_IMAGE, "1.0.0+3.22"));
  await gitIn(folder, "tag", "-a", "1.0.0+3.22", "-m", "first");
  await writeFiles(files(IMAGE, "1.1.0+1.37.0"), folder);
  await commitAll(folder, "second");
  const { host } = await testSwarm();
  const definition = { ...TRUSTING, source: folder };
  const result = await quietRun({ run: `public-${process.pid}`, definition, dockerHost: host });
  const failed = result.phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "failed"));
  expect(failed).toEqual([]);
  expect(result.verdict, result.reason).toBe("pass");
  const passed = result.phases.filter(({ status }) => status === "passed").map(({ name }) => name);
  expect(passed).toEqual(["prepare", "install", "upgrade", "backup", "restore", "move", "destroy"]);
  expect(result.adaptations).toContainEqual({
    subject: `${result.namespace}_strict`,
    change: expect.stringContaining("the node's authority is trusted"),
    reason: expect.any(String),
  });
}, 300_000);

test.runIf(process.env.RECIPE_CI_PROOF)(
  "one that looks at certificates is not charged to the recipe, which is told how its ci.ts has it trust the node",
  async () => {
    const folder = await gitFolder(files(IMAGE, "1.1.0+1.37.0"));
    const { host } = await testSwarm();
    const refused = await definedRun({ folder, dockerHost: host, definition: { name: "public" } });
    const failed = refused.phases.flatMap(({ checks }) => checks.filter(({ status }) => status === "failed"));
    expect(failed).toMatchObject([{ name: "install.converged", owner: "author" }]);
    expect(refused).toMatchObject({
      verdict: "blocked",
      reason: expect.stringContaining("refuses the certificate of"),
    });
    expect(failed[0]).toMatchObject({ error: expect.stringContaining(`trustsNode: ["strict"] in the recipe's ci.ts`) });
  },
  300_000,
);

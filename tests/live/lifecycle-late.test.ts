import { beforeAll, expect, test } from "vitest";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

/** Without a volume and a release: its run is over in seconds. */
const recipe = (seconds: number) => ({
  "compose.yml": `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "echo up; sleep ${seconds}; echo out of memory; exit 137"]
    stop_grace_period: 1s
    deploy:
      labels: ["coop-cloud.\${STACK_NAME}.version=1.0.0+1.37.0"]
`,
  ".env.sample": "TYPE=late\nDOMAIN=late.example.com\n",
});

beforeAll(async () => {
  await testSwarmWithImages();
});

test("an app that dies after it was seen to run fails the phase in which it dies", async () => {
  const outcome = await recipeCi("run", "late", "--source", await gitFolder(recipe(4)), "--json");
  const { verdict, reason, phases, ledger } = resultOf(outcome);
  expect({ verdict, code: outcome.code, left: ledger.left }).toEqual({ verdict: "fail", code: 1, left: [] });
  expect(reason).toContain("install.steady");
  const steady = phases[1]?.checks.find(({ name }) => name === "install.steady");
  expect(steady).toMatchObject({ error: expect.stringContaining("137"), owner: "recipe" });
  expect(steady).toMatchObject({ error: expect.stringContaining("out of memory") });
});

test("one that lives passes", async () => {
  const outcome = await recipeCi("run", "late", "--source", await gitFolder(recipe(600)), "--json");
  expect(resultOf(outcome).verdict).toBe("pass");
});

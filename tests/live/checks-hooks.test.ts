import { beforeAll, expect, test } from "vitest";
import { runHooks } from "../../checks/backup/hooks.ts";
import type { CheckContext } from "../../checks/check.ts";
import { Probe } from "../../checks/probe.ts";
import type { Swarm } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";
import { TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

/** A container of busybox; `bash` gives it a program of that name. */
async function context(run: TestRun, bash: boolean): Promise<CheckContext> {
  const made = bash ? `printf '#!/bin/sh\\nexec sh "$@"\\n' > /bin/bash; chmod +x /bin/bash; ` : "";
  const name = await run.service("db", { Command: ["sh", "-c", `${made}sleep 1000`] });
  await watchConvergence({ swarm, services: [{ name }], stableFor: "0 s" });
  const app = appSpec({ services: [serviceSpec({ key: "db", name })] });
  return { run: run.name, swarm, app, probe: new Probe(swarm, name), nonce: "x", signal: new AbortController().signal };
}

const hook = (command: string) => ({ label: "backupbot.backup.pre-hook", service: "db", command });

test("a hook that fails is told by its label, its service and its own last word", async () => {
  await using run = new TestRun(swarm);
  const there = await context(run, true);
  await runHooks(there, [hook("echo fine")]);
  await expect(runHooks(there, [hook("echo trying >&2; echo no space left >&2; exit 3")])).rejects.toMatchObject({
    name: "CheckFailure",
    owner: "recipe",
    message: [
      "backupbot.backup.pre-hook of db failed with exit code 3: no space left",
      "  the hook: echo trying >&2; echo no space left >&2; exit 3",
      "trying",
    ].join("\n"),
  });
});

test("an image without bash is told as such", async () => {
  await using run = new TestRun(swarm);
  await expect(runHooks(await context(run, false), [hook("true")])).rejects.toThrow(
    "backupbot.backup.pre-hook of db can't run: backup-bot-two runs hooks with bash, and the image has none",
  );
});

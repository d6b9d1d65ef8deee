import { beforeAll, describe, expect, test } from "vitest";
import { InfraError } from "../../lib/errors.ts";
import type { Swarm } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { containerOf, execIn } from "../../swarm/exec.ts";
import { putFile } from "../../swarm/files.ts";
import { withContainer } from "../../swarm/helper-container.ts";
import { inventory } from "../../swarm/inventory.ts";
import { containerLogs, serviceLogs } from "../../swarm/logs.ts";
import { nodeInfo } from "../../swarm/node-info.ts";
import { IMAGE, SERVE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

const helperSpec = (run: TestRun) => ({ run: run.name, image: IMAGE, cmd: SERVE });

describe("a command in a container", () => {
  test("gets input, user and environment and gives both outputs and its code", async () => {
    await using run = new TestRun(swarm);
    await withContainer(swarm, helperSpec(run), async ({ id }) => {
      const script = 'cat; id -u; echo "$WHO" >&2; exit 4';
      const options = { input: "in\n", user: "65534", env: { WHO: "me" } };
      expect(await execIn(swarm, id, ["sh", "-c", script], options)).toEqual({
        code: 4,
        stdout: "in\n65534\n",
        stderr: "me\n",
      });
    });
  });

  test("that is a lot of bytes arrives whole", async () => {
    await using run = new TestRun(swarm);
    await withContainer(swarm, helperSpec(run), async (helper) => {
      const input = "x".repeat(300_000);
      expect((await helper.exec(["cat"], { input })).stdout).toBe(input);
    });
  });

  test("ends with an error past its deadline, past its output bound, or when cancelled", async () => {
    await using run = new TestRun(swarm);
    await withContainer(swarm, helperSpec(run), async ({ id }) => {
      await expect(execIn(swarm, id, ["sleep", "30"], { timeout: "300 ms" })).rejects.toThrow("not finished within");
      await expect(execIn(swarm, id, ["yes"], { maxBytes: 10_000 })).rejects.toThrow("more than 10000 bytes");
      const cancel = new AbortController();
      const running = execIn(swarm, id, ["sh", "-c", "echo started; sleep 30"], { signal: cancel.signal });
      setTimeout(() => cancel.abort(new Error("cancelled")), 300);
      await expect(running).rejects.toThrow("cancelled");
    });
  });

  test("that the image lacks gives 126 or 127; a container that is not there is an error", async () => {
    await using run = new TestRun(swarm);
    await withContainer(swarm, helperSpec(run), async ({ id }) => {
      expect([126, 127]).toContain((await execIn(swarm, id, ["no-such-program"])).code);
    });
    await expect(execIn(swarm, "no-such-container", ["true"])).rejects.toThrow(InfraError);
  });
});

describe("a helper container", () => {
  test("gives its exit code and its logs, and is gone afterwards, also after an error", async () => {
    await using run = new TestRun(swarm);
    const spec = { ...helperSpec(run), cmd: ["sh", "-c", "echo hello; exit 5"] };
    const seen = await withContainer(swarm, spec, async (helper) => [await helper.wait("10 s"), await helper.logs()]);
    expect(seen).toEqual([5, "hello"]);
    await expect(withContainer(swarm, spec, () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
    expect((await inventory(swarm)).entries.filter((entry) => entry.run === run.name)).toEqual([]);
  });

  test("carries the run's label and gets files", async () => {
    await using run = new TestRun(swarm);
    await withContainer(swarm, helperSpec(run), async ({ id }) => {
      const own = (await inventory(swarm)).entries.filter((entry) => entry.run === run.name);
      expect(own).toMatchObject([{ kind: "container", id }]);
      await putFile(swarm, id, "/tmp/note", "text", { mode: 0o600, uid: 7 });
      const { stdout } = await execIn(swarm, id, ["sh", "-c", "cat /tmp/note; stat -c ' %a %u' /tmp/note"]);
      expect(stdout).toBe("text 600 7\n");
    });
  });

  test("from an image that is not there says so", async () => {
    await using run = new TestRun(swarm);
    const spec = { ...helperSpec(run), image: "127.0.0.1:5000/none:none" };
    await expect(withContainer(swarm, spec, async () => undefined)).rejects.toThrow("none:none");
  });
});

test("a service's container is found, and its last lines, redacted", async () => {
  await using run = new TestRun(swarm);
  const name = await run.service("talk", { Command: ["sh", "-c", "seq 1 50; echo hunter2; sleep 1000"] });
  await expect(containerOf(swarm, "no-such-service")).rejects.toThrow("there is no service no-such-service");
  const { services } = await watchConvergence({ swarm, services: [{ name }], stableFor: "0 s" });
  const { id, engine } = await containerOf(swarm, name);
  expect(engine).toBe(swarm);
  expect(id).toBe(services[0]?.tasks[0]?.containerId);
  const redact = (text: string) => text.replaceAll("hunter2", "***");
  expect(await containerLogs(swarm, id, { lines: 3, redact })).toBe("49\n50\n***");
  expect(await serviceLogs(swarm, name, { lines: 2, redact })).toBe("50\n***");
});

test("the node tells its versions and whether it is a manager", async () => {
  const info = await nodeInfo(swarm);
  expect(info).toMatchObject({ swarmState: "active", isManager: true, capabilities: { ipvs: expect.any(Boolean) } });
  expect(info.apiVersion).toMatch(/^1\.\d+$/);
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckContext } from "../../checks/check.ts";
import { execInService } from "../../checks/exec.ts";
import { httpAnswers } from "../../checks/http/http.ts";
import { Probe } from "../../checks/probe.ts";
import { tcpAccepts } from "../../checks/tcp.ts";
import { ensureImages } from "../../images/ensure.ts";
import { PROBE_IMAGE } from "../../images/own.ts";
import { systemClock } from "../../lib/clock.ts";
import { appSpec, checkContext, serviceSpec } from "../fixtures/spec.ts";
import { IMAGE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

const WEB = 'mkdir -p /www && echo "it works" > /www/index.html && exec httpd -f -p 8080 -h /www';

describe("an app seen from inside its own network", () => {
  let run: TestRun;
  let context: CheckContext;

  beforeAll(async () => {
    const swarm = await testSwarmWithImages();
    await ensureImages({ swarm, images: [{ image: PROBE_IMAGE, usedBy: {} }] });
    run = new TestRun(swarm);
    const network = { Name: `${run.name}_net`, Driver: "overlay", Labels: run.labels };
    const { id } = await swarm.docker.createNetwork(network);
    const TaskTemplate = { Networks: [{ Target: id }] };
    const web = await run.service("web", { Image: IMAGE, Command: ["sh", "-c", WEB] }, { TaskTemplate });
    const listens = ["nc", "-u", "-l", "-k", "5300"];
    const probe = await run.service(
      "probe",
      { Image: PROBE_IMAGE, Command: listens, StopGracePeriod: 0 },
      { TaskTemplate },
    );
    context = checkContext({
      run: run.name,
      swarm,
      clock: systemClock,
      app: appSpec({ services: [serviceSpec({ key: "web", name: web })] }),
      probe: new Probe(swarm, probe),
    });
  });

  afterAll(async () => {
    await run[Symbol.asyncDispose]();
  });

  test("answers over HTTP with code, type and body, as long as it is asked for the right ones", async () => {
    const right = { service: "web", port: 8080, path: "/", body: "it works", contentType: "text/html" };
    expect((await httpAnswers(right)(context)).summary).toContain("200");
    const wrong = { within: "500 ms" as const };
    await expect(httpAnswers({ ...right, ...wrong, body: "something else" })(context)).rejects.toThrow(
      "does not contain",
    );
    await expect(httpAnswers({ ...right, ...wrong, path: "/none" })(context)).rejects.toThrow("status 404");
    await expect(httpAnswers({ ...right, ...wrong, contentType: "text/plain" })(context)).rejects.toThrow(
      "content type",
    );
    await expect(httpAnswers({ ...right, ...wrong, port: 8081 })(context)).rejects.toThrow(/connect/i);
  });

  test("takes datagrams where something listens, and the kernel refuses others", async () => {
    const { probe } = context;
    expect(await probe.takesUdp(`${run.name}_probe`, 5300)).toBeUndefined();
    // More often than a kernel says so to others.
    const other = context.app.services[0]?.name ?? "";
    for (let looks = 0; looks < 10; looks++)
      expect(await probe.takesUdp(other, 5300)).toBe(`nobody takes datagrams at ${other}:5300`);
  });

  test("accepts TCP connections where something listens, and nowhere else", async () => {
    const accepts = tcpAccepts({ service: "web", port: 8080 });
    expect((await accepts(context)).summary).toContain("3 connections");
    const refuses = tcpAccepts({ service: "web", port: 8081, within: "1 s" });
    await expect(refuses(context)).rejects.toThrow("8081");
  });

  test("runs a program in its container, and a failed one is the recipe's failure with its output", async () => {
    expect((await execInService(context, "web", ["cat", "/www/index.html"])).stdout).toBe("it works\n");
    const failing = execInService(context, "web", ["sh", "-c", "echo broken >&2; exit 3"]);
    await expect(failing).rejects.toMatchObject({ name: "CheckFailure", message: expect.stringContaining("broken") });
  });
});

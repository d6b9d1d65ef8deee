import { expect, test } from "vitest";
import { exec } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { ENTRY_LABELS } from "../../swarm/entry/labels.ts";
import { IMAGE, SERVE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

test("what an up that was killed made of the platform is gone on with, and what another made is not", async () => {
  const swarm = await testSwarmWithImages();
  await using run = new TestRun(swarm);
  const make = (kind: string, Labels: Record<string, string>) => {
    const ContainerSpec = { Image: IMAGE, Command: SERVE, StopGracePeriod: 0 };
    const content = kind === "service" ? { TaskTemplate: { ContainerSpec } } : { Data: "eA==" };
    const spec = { Name: `${run.name}_${kind}`, Labels: { ...run.labels, ...Labels }, ...content };
    return exec([process.execPath, projectPath("swarm/main.ts"), kind, "create"], {
      env: { ...process.env, DOCKER_HOST: swarm.host },
      input: JSON.stringify(spec),
    });
  };
  const platform = { [ENTRY_LABELS.platform]: "traefik" };
  for (const kind of ["config", "secret", "service"]) {
    const made = await make(kind, platform);
    expect(await make(kind, platform)).toBe(made);
    await expect(make(kind, { ...platform, owner: "another" })).rejects.toThrow(/already exists|conflicts/);
    await expect(make(kind, {})).rejects.toThrow(/already exists|conflicts/);
  }
});

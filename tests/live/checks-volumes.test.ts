import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckContext } from "../../checks/check.ts";
import { runningContainer } from "../../checks/container.ts";
import { keepsDatabases } from "../../checks/volumes/keeps-databases.ts";
import { keepsVolumes } from "../../checks/volumes/keeps-volumes.ts";
import { followProgress } from "../../images/progress.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Swarm } from "../../swarm/client.ts";
import { processUsers, writtenBelow } from "../../swarm/container-insides.ts";
import { containerOf } from "../../swarm/exec.ts";
import { tarball } from "../../swarm/tarball.ts";
import { appSpec, checkContext, serviceSpec, volumeMount } from "../fixtures/spec.ts";
import { IMAGE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

/** A database as its image declares it: here the folder of the newest one, which holds that of each version. */
const POSTGRES = "recipe-ci-test/postgres:18";
const DATA = "/var/lib/postgresql";
const OLD = `${DATA}/data`;

const write = (folder: string) => `mkdir -p ${folder}; date > ${folder}/rows; trap 'exit 0' TERM; sleep 1000 & wait`;

let swarm: Swarm;
let run: TestRun;

/** A running service that mounts a volume, or none, and the checks' view of it. */
async function database(key: string, target: string | undefined, folder = DATA): Promise<CheckContext> {
  const source = `${run.name}_rows`;
  const Mounts = target
    ? [
        {
          Type: "volume" as const,
          Source: source,
          Target: target,
          VolumeOptions: { Labels: run.labels, NoCopy: false, DriverConfig: { Name: "local", Options: {} } },
        },
      ]
    : [];
  const name = await run.service(key, { Image: POSTGRES, Command: ["sh", "-c", write(folder)], Mounts });
  const mounts = target ? [volumeMount(source, target)] : [];
  const app = appSpec({
    services: [serviceSpec({ key: "db", name, image: POSTGRES, mounts })],
    volumes: [{ key: "rows", name: source, external: false, driverOpts: {}, labels: {} }],
  });
  return checkContext({ run: run.name, swarm, app, clock: systemClock });
}

const judge = (context: CheckContext) => keepsDatabases(context.app.services)(context);

beforeAll(async () => {
  swarm = await testSwarmWithImages();
  run = new TestRun(swarm);
  const content = `FROM ${IMAGE}\nENV PGDATA=${DATA}/18/docker\nVOLUME ${DATA}\n`;
  const context = Readable.from([await tarball([{ name: "Dockerfile", content }])], { objectMode: false });
  await followProgress(await swarm.docker.buildImage(context, { t: POSTGRES, rm: true }), undefined, () => undefined);
});

afterAll(async () => {
  await run[Symbol.asyncDispose]();
  await swarm.docker.getImage(POSTGRES).remove({ force: true });
});

describe("a database whose image declares where its data is", () => {
  test("keeps it in a volume that is mounted there", async () => {
    await expect(judge(await database("there", DATA))).resolves.toMatchObject({ summary: "1 database: db" });
  });

  test("loses it without a volume, and with one at another path", async () => {
    await expect(judge(await database("none", undefined))).rejects.toThrow("mounts no volume");
    await expect(judge(await database("beside", "/var/lib/postgres"))).rejects.toThrow("(PGDATA), in no volume");
    // What the image declares lies within what is mounted, and hides it.
    await expect(judge(await database("above", "/var/lib"))).rejects.toThrow("(PGDATA), in no volume");
    const memory = await database("memory", DATA);
    for (const volume of memory.app.volumes) volume.driverOpts = { type: "tmpfs", device: "tmpfs" };
    await expect(judge(memory)).rejects.toThrow("mounts no volume that lasts");
  });

  test("loses what base kept where head's image keeps it no more, though the volume is there", async () => {
    const context = await database("moved", OLD);
    const [service] = context.app.services;
    const before = { ...context.app, services: [{ ...serviceSpec(), ...service, image: IMAGE }] };
    await expect(judge(context)).rejects.toThrow(`keeps its data at ${DATA}/18/docker (PGDATA)`);
    await expect(keepsVolumes(before, context.app)(context)).rejects.toThrow(
      `db of head keeps ${DATA} in a volume without a name`,
    );
    // An image that always declared it is no change.
    await expect(keepsVolumes(context.app, context.app)(context)).resolves.toBeDefined();
  });
});

test("a volume that moved is left behind by an app that still writes where it was", async () => {
  const elsewhere = (folder: string) => database(folder.slice(1), "/data", folder);
  const base = appSpec({
    ...(await elsewhere("/old")).app,
    services: [serviceSpec({ key: "db", image: POSTGRES, mounts: [volumeMount(`${run.name}_rows`, "/old")] })],
  });
  const stays = await elsewhere("/old2");
  await expect(keepsVolumes(base, stays.app)(stays)).resolves.toMatchObject({
    summary: "0 volumes where they were; rows no more at /old of db",
  });
  const context = checkContext({
    ...stays,
    app: { ...stays.app, services: [serviceSpec({ key: "db", name: `${run.name}_old` })] },
  });
  await expect(keepsVolumes(base, stays.app)(context)).rejects.toThrow("db of head still writes to /old (/old/rows)");
});

test("whom a container's processes run as is told by number, groups included", async () => {
  const name = await run.service("users", { User: "1000:33", Groups: ["44"] });
  await expect
    .poll(async () => processUsers(await containerOf(swarm, name)).catch(() => undefined))
    .toEqual({ uids: new Set([1000]), gids: new Set([33, 44]) });
});

test("a container that has changed nothing of its image has written nothing, however many ask", async () => {
  const container = await runningContainer(swarm, await run.service("idle", { Command: ["sleep", "1000"] }), "recipe");
  expect(await Promise.all([writtenBelow(container, ""), writtenBelow(container, "/tmp")])).toEqual([[], []]);
});

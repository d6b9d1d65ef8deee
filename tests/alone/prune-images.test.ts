import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { publish } from "../../images/mirror.ts";
import { pullImage } from "../../images/pull.ts";
import { home } from "../../lib/home.ts";
import { nodeImages } from "../../lifecycle/prune/images.ts";
import { imageMirror } from "../../lifecycle/prune/mirror.ts";
import { MIRROR_PORT } from "../../machine/rootfs/node-rootfs.ts";
import { found, type Swarm } from "../../swarm/client.ts";
import { IMAGE, OTHER_IMAGE, SERVE, TestRun, testSwarmWithImages } from "../live/swarm-fixture.ts";

const NAME = `recipe-ci-test/prune-${randomBytes(3).toString("hex")}`;
const DAYS_MS = 9 * 86_400_000;
let swarm: Swarm;
const made: string[] = [];

beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

afterAll(async () => {
  for (const name of made) await found(swarm.docker.getImage(name).remove({ force: true }));
});

/** An image with a layer of its own. */
async function image(tag: string): Promise<string> {
  const container = await swarm.docker.createContainer({ Image: IMAGE, Cmd: ["sh", "-c", `echo ${tag} > /own`] });
  await container.start();
  await container.wait();
  await container.commit({ repo: NAME, tag });
  await container.remove({ force: true });
  made.push(`${NAME}:${tag}`);
  return `${NAME}:${tag}`;
}

const there = async (name: string) => (await found(swarm.docker.getImage(name).inspect())) !== undefined;

/** What would go of the images of this test, if nothing at all were to stay. */
async function spare() {
  const all = (await nodeImages(swarm, swarm, undefined, 0)).spare;
  return all.filter(({ name }) => name.includes(NAME));
}

describe("of the images on a node", () => {
  test("goes what nobody uses, with all its names", async () => {
    const name = await image("unused");
    await swarm.docker.getImage(name).tag({ repo: NAME, tag: "alias" });
    const [one, ...more] = await spare();
    expect([one?.name.split(", ").sort(), more]).toEqual([[`${NAME}:alias`, name], []]);
    await one?.remove();
    expect([await there(name), await there(`${NAME}:alias`)]).toEqual([false, false]);
  });

  test("stays what a container uses, one that has ended included", async () => {
    const name = await image("container");
    const container = await swarm.docker.createContainer({ Image: name });
    expect(await spare()).toEqual([]);
    await container.remove({ force: true });
    expect(await spare()).toHaveLength(1);
  });

  test("stays what a service uses, one without any container included", async () => {
    await using run = new TestRun(swarm);
    const name = await image("service");
    await run.service("idle", { Image: name, Command: SERVE }, { Mode: { Replicated: { Replicas: 0 } } });
    expect((await spare()).map((one) => one.name)).not.toContain(name);
  });

  test("stays what the project itself builds", async () => {
    const all = (await nodeImages(swarm, swarm, undefined, 0)).spare.flatMap(({ name }) => name.split(", "));
    for (const name of [IMAGE, OTHER_IMAGE]) expect(all).not.toContain(name);
  });

  test("all stay while a run goes on", async () => {
    expect(await nodeImages(swarm, swarm, "run x goes on", 0)).toMatchObject({ spare: [], held: "run x goes on" });
  });
});

describe("of the images in the mirror", () => {
  const mirror = `127.0.0.1:${MIRROR_PORT}`;
  const repository = join(home("mirror"), "docker/registry/v2/repositories", NAME);

  /** As if nobody had asked for it for days. */
  async function age(): Promise<void> {
    const time = new Date(Date.now() - DAYS_MS);
    const blobs = join(home("mirror"), "docker/registry/v2/blobs/sha256");
    for (const hex of await readdir(join(repository, "_manifests/revisions/sha256"))) {
      await utimes(join(repository, "_manifests/revisions/sha256", hex, "link"), time, time);
      await utimes(join(blobs, hex.slice(0, 2), hex, "data"), time, time);
    }
    for (const hex of await readdir(join(repository, "_layers/sha256"))) {
      await utimes(join(repository, "_layers/sha256", hex, "link"), time, time);
      const blob = join(blobs, hex.slice(0, 2), hex, "data");
      if (await stat(blob).catch(() => undefined)) await utimes(blob, time, time);
    }
    for (const upload of await readdir(join(repository, "_uploads"))) {
      await utimes(join(repository, "_uploads", upload), time, time);
    }
    for (const tag of await readdir(join(repository, "_manifests/tags"))) {
      await utimes(join(repository, "_manifests/tags", tag, "current/link"), time, time);
    }
  }

  const spareHere = async () => (await imageMirror(undefined, 0)).spare.filter(({ name }) => name.startsWith(NAME));

  /** Takes away the images of this test that nobody asked for for days, and names them. */
  async function pruneAged(): Promise<string[]> {
    // The mirror may read a blob to its end a moment after the engine has all of it, which is a use.
    const gone = await vi.waitFor(
      async () => {
        await age();
        const spare = await spareHere();
        expect(spare).toHaveLength(1);
        return spare;
      },
      { timeout: 30_000, interval: 500 },
    );
    const { around } = await imageMirror(undefined, 0);
    await around?.(async () => {
      for (const { remove } of gone) await remove();
    });
    return gone.map(({ name }) => name);
  }

  afterAll(async () => {
    await pruneAged();
    expect(existsSync(repository)).toBe(false);
  });

  const pull = () =>
    pullImage(swarm, `${mirror}/${NAME}:mirrored`, {}).then(
      () => true,
      () => false,
    );

  test("goes what was not asked for, and it can be put there again", async () => {
    const name = await image("mirrored");
    made.push(`${mirror}/${NAME}:mirrored`);
    await publish(swarm, name, mirror);
    // A pull counts as a use, and is what the mirror remembers the blobs by.
    expect(await pull()).toBe(true);
    expect((await spareHere()).map((one) => one.name)).toEqual([]);
    expect(await pruneAged()).toEqual([`${NAME}:mirrored`]);
    await found(swarm.docker.getImage(`${mirror}/${NAME}:mirrored`).remove());
    expect(await pull()).toBe(false);
    await publish(swarm, name, mirror);
    for (const one of [`${mirror}/${NAME}:mirrored`, name]) await found(swarm.docker.getImage(one).remove());
    expect(await pull()).toBe(true);
  });
});

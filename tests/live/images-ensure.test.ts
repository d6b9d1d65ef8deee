import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { buildStandIn } from "../../images/build.ts";
import { type StandInSource, standInFor } from "../../images/catalogue.ts";
import { pinnedReference } from "../../images/digest.ts";
import { DiskRoom } from "../../images/disk-room.ts";
import { type EnsuredImages, ensureImages } from "../../images/ensure.ts";
import { localMirror, publish, takeFromMirror } from "../../images/mirror.ts";
import { InfraError, UserErrors } from "../../lib/errors.ts";
import type { OnStep } from "../../lib/step.ts";
import { found, type Swarm } from "../../swarm/client.ts";
import { withContainer } from "../../swarm/helper-container.ts";
import { TestRun, testSwarm } from "./swarm-fixture.ts";

const ALPINE = "alpine:3.22";
const NGINX = "nginx:1.26.3";
const CURL = "curlimages/curl:8.14.1";

let swarm: Swarm;
let mirror: string;
beforeAll(async () => {
  swarm = await testSwarm();
  const found = await localMirror(swarm);
  if (!found) throw new Error("the engine to test on has no image mirror on its own machine");
  mirror = found;
  await ensure(CURL);
});

function ensure(image: string, onStep?: OnStep): Promise<EnsuredImages> {
  return ensureImages({ swarm, mirror, images: [{ image, usedBy: { file: "compose.yml" } }], onStep });
}

function sourceOf(image: string): StandInSource {
  const source = standInFor(image);
  if (!source) throw new Error(`no source for ${image}`);
  return source;
}

async function forget(image: string): Promise<void> {
  await found(swarm.docker.getImage(image).remove({ force: true }));
}

/** Deletes an image in the mirror by its own API. */
async function forgetInMirror(image: string): Promise<void> {
  await using run = new TestRun(swarm);
  const [name, tag] = image.split(":");
  const accept = "Accept: application/vnd.docker.distribution.manifest.v2+json";
  const url = `http://${mirror}/v2/library/${name}/manifests`;
  const script = `digest=$(curl -sI -H "$1" "$2/$3" | tr -d '\\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p')
    [ -z "$digest" ] || curl -sf -X DELETE "$2/$digest"`;
  const spec = { run: run.name, image: CURL, network: "host", entrypoint: ["sleep"], cmd: ["60"] };
  const result = await withContainer(swarm, spec, (helper) =>
    helper.exec(["sh", "-c", script, "sh", accept, url, tag ?? ""]),
  );
  expect(result).toMatchObject({ code: 0 });
}

describe("an image for which the node's disk has no room", () => {
  const MIB = 1 << 20;
  const short = () => new DiskRoom(swarm.host, async () => 513 * MIB);
  const refused = {
    name: "InfraError",
    message: expect.stringMatching(/ has 513\.0 MiB free; the images .* take at least/),
  };

  test("is not pulled, as soon as its registry has said how large it is", async () => {
    // A small one would be there before anybody could say no.
    await ensure(NGINX);
    await forget(NGINX);
    const asked = { swarm, mirror, images: [{ image: NGINX, usedBy: {} }] };
    await expect(ensureImages({ ...asked, room: short() })).rejects.toMatchObject(refused);
    expect(await found(swarm.docker.getImage(NGINX).inspect())).toBeUndefined();
    await ensureImages({ ...asked, room: new DiskRoom(swarm.host, async () => 1024 * MIB) });
  });

  test("nor is one built, nor what it is made of, nor any other that is to be", async () => {
    const images = ["gitea/gitea:1.26.0-rootless", "keinos/sqlite3:3.46.1"].map((image) => ({ image, usedBy: {} }));
    const onStep: OnStep = ({ title }) => expect(title).not.toContain("building");
    await expect(ensureImages({ swarm, images, onStep, room: short() })).rejects.toMatchObject(refused);
  });
});

describe("an image that cannot be pulled but built", () => {
  test("is built once for two runs that ask at the same time, and known as a stand-in ever after", async () => {
    await forgetInMirror(ALPINE);
    await forget(ALPINE);
    const ended: string[] = [];
    const onStep: OnStep = ({ title, state, note = "" }) => {
      if (title === `building a stand-in for ${ALPINE}` && state === "done") ended.push(note);
    };
    const [one, other] = await Promise.all([ensure(ALPINE, onStep), ensure(ALPINE, onStep)]);
    expect(ended.filter((note) => /^step \d+ of \d+$/.test(note))).toHaveLength(1);
    expect(ended.filter((note) => note === `waiting for process ${process.pid}, which builds it`)).toHaveLength(1);
    expect(one.ready).toMatchObject([{ image: ALPINE, origin: "stand-in" }]);
    expect(other.ready).toEqual(one.ready);
    expect(one.standIns).toMatchObject([{ image: ALPINE, builtFrom: "Debian trixie busybox 1.37.0" }]);
    expect(one.standIns[0]?.reason).not.toBe("unknown");
    expect(await ensure(ALPINE)).toEqual(one);
  });

  test("comes back from the mirror without a build, with a digest to pin it by", async () => {
    const before = await ensure(ALPINE);
    await forget(ALPINE);
    expect(await pinnedReference(swarm, ALPINE)).toBeUndefined();
    const after = await ensure(ALPINE, ({ title }) => expect(title).not.toContain("building"));
    expect(after).toEqual(before);
    expect(await pinnedReference(swarm, ALPINE)).toMatch(/^alpine:3\.22@sha256:[0-9a-f]{64}$/);
  });

  test("is put into the mirror, and taken from it, by several at once", async () => {
    await ensure(ALPINE);
    await Promise.all([1, 2, 3].map(() => publish(swarm, ALPINE, mirror)));
    const elsewhere = "registry.test/library/alpine:3.22";
    await swarm.docker.getImage(ALPINE).tag({ repo: "registry.test/library/alpine", tag: "3.22" });
    await publish(swarm, elsewhere, mirror);
    await forget(elsewhere);
    const taken = await Promise.all([1, 2, 3].map(() => takeFromMirror(swarm, elsewhere, mirror)));
    await forget(elsewhere);
    expect(taken).toEqual([true, true, true]);
  });

  test("has its digest also where who built it knew no mirror", async () => {
    await ensure(ALPINE);
    await forget(ALPINE);
    const source = sourceOf(ALPINE);
    if (source.kind === "dockerfile") await ensure(source.base);
    await buildStandIn(swarm, source, { reason: "test" });
    expect(await pinnedReference(swarm, ALPINE)).toBeUndefined();
    const { ready } = await ensure(ALPINE, ({ title }) => expect(title).not.toContain("building"));
    expect(ready).toMatchObject([{ image: ALPINE, origin: "stand-in" }]);
    expect(await pinnedReference(swarm, ALPINE)).toMatch(/^alpine:3\.22@sha256:[0-9a-f]{64}$/);
  });

  test.runIf(process.env.RECIPE_CI_PROOF)("is replaced when it was built from other inputs", async () => {
    const before = await ensure(ALPINE);
    const outdated = { ...sourceOf("busybox:1.35.0"), image: ALPINE };
    // From the mirror comes an image without the one it was built on.
    if (outdated.kind === "dockerfile") await ensure(outdated.base);
    await buildStandIn(swarm, outdated, { reason: "test" });
    expect(await ensure(ALPINE)).toEqual(before);
  });

  test.runIf(process.env.RECIPE_CI_PROOF)("is no stand-in when the packages have another version", async () => {
    await ensure("debian:trixie-slim");
    const wrong: StandInSource = {
      ...sourceOf("busybox:1.37.0"),
      kind: "dockerfile",
      image: "recipe-ci-test/wrong:1",
      base: "debian:trixie-slim",
      version: "9.9.9",
    };
    const build = buildStandIn(swarm, wrong, { reason: "test" });
    await expect(build).rejects.toThrow(InfraError);
    await expect(build).rejects.toThrow("wanted 9.9.9");
    expect(await found(swarm.docker.getImage(wrong.image).inspect())).toBeUndefined();
  });
});

test("images that nobody can build are named all at once, with the registry's answer and the recipe's file", async () => {
  const wanted = ["127.0.0.1:5000/none:none", "nosuch.invalid/a:1"].map((image, index) => ({
    image,
    usedBy: { file: "compose.yml", key: `services.s${index}.image` },
  }));
  const ensured = ensureImages({ swarm, mirror, images: wanted });
  await expect(ensured).rejects.toThrow(UserErrors);
  await expect(ensured).rejects.toThrow(/compose\.yml services\.s0\.image: .*manifest unknown/);
  await expect(ensured).rejects.toThrow(/compose\.yml services\.s1\.image: .*no such host/);
});

test("an image whose origin nobody knows is not taken", async () => {
  await ensure(ALPINE);
  const name = "nosuch.invalid/unknown:1";
  const { id } = await swarm.docker.createContainer({ Image: ALPINE, Labels: {} });
  const container = swarm.docker.getContainer(id);
  try {
    // An export loses labels and digests: what is imported from it could be anything.
    await swarm.docker.importImage(await container.export(), { repo: "nosuch.invalid/unknown", tag: "1" });
    await expect(ensure(name)).rejects.toThrow("no such host");
  } finally {
    await container.remove({ force: true });
    await forget(name);
  }
});

test("a build that fails begins with the reason, and the rest is in a file", async () => {
  const source = sourceOf(ALPINE);
  if (source.kind !== "dockerfile") throw new Error("needs an image with a Dockerfile");
  await ensure(source.base);
  const broken = { ...source, image: "recipe-ci-test/broken:1", version: "0.0.0" };
  const error: unknown = await buildStandIn(swarm, broken, { reason: "test" }).catch((thrown: unknown) => thrown);
  if (!(error instanceof InfraError)) throw new Error("the build did not fail as expected", { cause: error });
  expect(error.message).toMatch(/^the stand-in for recipe-ci-test\/broken:1 could not be built: wanted 0\.0\.0$/);
  expect(error.message).not.toContain("\n");
  expect(readFileSync(error.log ?? "", "utf8")).toContain("Step 1/");
});

import { Readable } from "node:stream";
import { ensureImages } from "../../images/ensure.ts";
import { localMirror } from "../../images/mirror.ts";
import { followProgress } from "../../images/progress.ts";
import type { Engine, Swarm } from "../../swarm/client.ts";

/** Brings images from a node that has them, or gets them, to engines that would build them otherwise, one by one. */
export async function bringImages(from: Swarm, to: readonly Engine[], names: readonly string[]): Promise<void> {
  const images = names.map((image) => ({ image, usedBy: {} }));
  await ensureImages({ swarm: from, mirror: await localMirror(from), images });
  await Promise.all(
    to.map(async ({ docker }) => {
      const loading = await docker.loadImage(await archive(from, names), { quiet: true });
      await followProgress(loading, undefined, () => undefined);
    }),
  );
}

/** All of them in one archive: what they have in common is in it once. dockerode has a call for a single one alone. */
function archive({ docker }: Swarm, names: readonly string[]): Promise<NodeJS.ReadableStream> {
  const request = { path: "/images/get?", method: "GET", options: { names } };
  const statusCodes = { 200: true, 500: "server error" };
  return new Promise((resolve, reject) => {
    docker.modem.dial({ ...request, isStream: true, statusCodes }, (error, answer) => {
      if (error) reject(error);
      else if (answer instanceof Readable) resolve(answer);
      else reject(new Error("the engine sends no archive"));
    });
  });
}

import { request } from "node:http";
import { type Duration, milliseconds } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { type EngineInfo, EngineUnreachable, engineInfo } from "./engine-api.ts";
import type { MachineLayout } from "./layout.ts";
import { consoleTail, supervision } from "./power.ts";
import { MIRROR_PORT } from "./rootfs/node-rootfs.ts";

/** What a machine's Docker Engine says of itself; undefined while it does not answer. */
export async function answerOf(layout: MachineLayout): Promise<EngineInfo | undefined> {
  return engineInfo(layout.socket).catch((error: unknown) => {
    if (error instanceof EngineUnreachable) return undefined;
    throw error;
  });
}

/**
 * Waits until a machine's Docker Engine answers.
 *
 * @throws InfraError as soon as the machine stops, with the end of its console.
 * @throws DeadlineError
 */
export function waitEngine(layout: MachineLayout, deadline: Duration): Promise<EngineInfo> {
  return until(
    async () => {
      const info = await answerOf(layout);
      if (info) return { done: true, value: info };
      if (!(await supervision(layout)))
        throw new InfraError(`the machine has stopped: ${await consoleTail(layout)}`, {
          remedy: `read ${layout.console}`,
        });
      return { done: false, reason: `no answer on ${layout.socket}` };
    },
    { what: "an answer of the Docker Engine", deadline, every: "50 ms" },
  );
}

/** Waits until the image mirror at a machine's address answers. @throws DeadlineError */
export async function waitMirror(address: string): Promise<void> {
  await until(
    async () => {
      const status = await httpStatus(address, MIRROR_PORT, "/v2/");
      return status === 200
        ? { done: true, value: undefined }
        : { done: false, reason: status === undefined ? "no answer" : `status ${status}` };
    },
    { what: `an answer of the image mirror at ${address}:${MIRROR_PORT}`, deadline: "30 s", every: "50 ms" },
  );
}

function httpStatus(host: string, port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = request({ host, port, path, signal: AbortSignal.timeout(milliseconds("5 s")) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", () => resolve(undefined));
    call.end();
  });
}

/** Whether a machine that runs answers before it must be taken for hung: a boot or a daemon's restart takes seconds. */
export async function answersSoon(layout: MachineLayout): Promise<boolean> {
  return waitEngine(layout, "20 s").then(
    () => true,
    (error: unknown) => {
      if (error instanceof DeadlineError) return false;
      throw error;
    },
  );
}

import type { Duration } from "../../lib/duration.ts";
import { InfraError } from "../../lib/errors.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import type { Progress } from "../../machine/progress.ts";
import { runOn } from "./remote.ts";

/** How cloud-init ends where something was not as it should be, but done. */
const DONE_WITH_WARNINGS = 2;
/** What ssh ends with where it does not connect. */
const NO_CONNECTION = 255;

/** The last that cloud-init said of a failure. */
const REASON = `cloud-init status --long
tail --lines=15 /var/log/cloud-init-output.log
`;

/**
 * Waits until a new server is what its user data says: ssh answers with the key that it was given, cloud-init has come
 * to its end, and its private address is there.
 *
 * @throws InfraError with the reason, and what cloud-init said last
 */
export async function serverReady(address: string, privateAddress: string, progress: Progress): Promise<void> {
  await reachable(address);
  progress(`${address}: ssh answers, with the key it was given`);
  await initialised(address);
  progress(`${address}: cloud-init has ended well`);
  await addressed(address, privateAddress);
}

async function reachable(address: string): Promise<void> {
  await waitFor("ssh", address, "5 min", async () => {
    const { code, stderr } = await runOn(address, "exit 0\n");
    const last = stderr.trim().split("\n").at(-1) ?? "";
    if (/host key verification failed/i.test(stderr))
      throw new InfraError(`the server at ${address} shows another host key than it was given`, {
        remedy: "somebody may be in between; if not, destroy the stack and make it anew",
      });
    return code === 0 ? { done: true, value: undefined } : { done: false, reason: last };
  });
}

async function initialised(address: string): Promise<void> {
  await waitFor("cloud-init", address, "20 min", async () => {
    const { code, stderr } = await runOn(address, "cloud-init status --wait\n", 10 * 60_000);
    if (code === 0 || code === DONE_WITH_WARNINGS) return { done: true, value: undefined };
    if (code === NO_CONNECTION) return { done: false, reason: stderr.trim().split("\n").at(-1) ?? "" };
    const { stdout } = await runOn(address, REASON);
    throw new InfraError(`cloud-init failed on ${address}:\n${stdout.trim()}`, {
      remedy: "destroy the stack, and make it anew once that is mended",
    });
  });
}

async function addressed(address: string, privateAddress: string): Promise<void> {
  await waitFor(`address ${privateAddress}`, address, "2 min", async () => {
    const { stdout, stderr } = await runOn(address, "ip -4 -oneline address show\n");
    return stdout.includes(` ${privateAddress}/`)
      ? { done: true, value: undefined }
      : { done: false, reason: stderr.trim() || "no interface has it" };
  });
}

async function waitFor(
  what: string,
  address: string,
  deadline: Duration,
  look: Parameters<typeof until<undefined>>[0],
): Promise<void> {
  await until(look, { what: `${what} of the server at ${address}`, deadline, every: "1 s" }).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    throw new InfraError(error.message, { cause: error });
  });
}

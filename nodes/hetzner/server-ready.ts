import type { Duration } from "../../lib/duration.ts";
import { InfraError } from "../../lib/errors.ts";
import { lastLine } from "../../lib/plain-text.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import type { Progress } from "../../machine/progress.ts";
import { DATA_MOUNT } from "./docker-data.ts";
import { runOn } from "./remote.ts";
import type { Member } from "./swarm-member.ts";

/** How cloud-init ends where something was not as it should be, but done. */
const DONE_WITH_WARNINGS = 2;
/** What ssh ends with where it does not connect. */
const NO_CONNECTION = 255;

const START = `cat /proc/sys/kernel/random/boot_id
cut -d' ' -f22 /proc/1/stat
`;

/** The last that cloud-init and what it ran said of a failure, without the tables of keys that it ends with. */
const REASON = `cloud-init status --long
grep --invert-match --extended-regexp '^ci-info:|^<14>|^ssh-|SSH HOST KEY|^Cloud-init v' \\
  /var/log/cloud-init-output.log | tail --lines=12
`;

/**
 * Waits until a new server is what its user data says: ssh answers with the key that it was given, cloud-init has come
 * to its end, and its private address is there. A private interface comes late now and then, and sometimes only with
 * another start (terraform-provider-hcloud 512, 1074).
 *
 * @param reboot starts the server again
 * @param volume number of the volume that Docker's data has to lie on
 * @throws InfraError with the reason, and what cloud-init said last
 */
export async function serverReady(
  { address, privateAddress }: Member,
  reboot: () => Promise<void>,
  progress: Progress,
  volume?: string,
): Promise<void> {
  await reachable(address);
  progress(`${address}: ssh answers, with the key it was given`);
  await initialised(address);
  progress(`${address}: cloud-init has ended well`);
  if (volume !== undefined) await onVolume(address, volume);
  if (await addressed(address, privateAddress).then(yes, notInTime)) return;
  progress(`${address}: its private address does not come, starting it again`);
  const before = await startOf(address);
  await reboot();
  await startedAnew(address, before);
  await initialised(address);
  await addressed(address, privateAddress);
}

function yes(): boolean {
  return true;
}

function notInTime(error: unknown): boolean {
  if (error instanceof InfraError && error.cause instanceof DeadlineError) return false;
  throw error;
}

/** What is different after each start: the kernel's own mark, or that of its first process where the kernel stays. */
async function startOf(address: string): Promise<string> {
  const { code, stdout, stderr } = await runOn(address, START);
  if (code !== 0) throw new InfraError(`ssh to ${address}: ${stderr.trim()}`);
  return stdout;
}

async function startedAnew(address: string, before: string): Promise<void> {
  await waitFor("another start", address, "5 min", async () => {
    const { code, stdout, stderr } = await runOn(address, START);
    if (code !== 0) return { done: false, reason: stderr.trim() };
    return stdout === before ? { done: false, reason: "it has not ended yet" } : { done: true, value: undefined };
  });
}

async function reachable(address: string): Promise<void> {
  await waitFor("ssh", address, "5 min", async () => {
    const { code, stderr } = await runOn(address, "exit 0\n");
    if (/host key verification failed/i.test(stderr))
      throw new InfraError(`the server at ${address} shows another host key than it was given`, {
        remedy: "somebody may be in between; if not, destroy the stack and make it anew",
      });
    return code === 0
      ? { done: true, value: undefined }
      : { done: false, reason: lastLine(stderr) ?? `ssh ended with code ${code}` };
  });
}

async function initialised(address: string): Promise<void> {
  await waitFor("cloud-init", address, "20 min", async () => {
    const { code, stderr } = await runOn(address, "cloud-init status --wait\n", 10 * 60_000);
    if (code === 0 || code === DONE_WITH_WARNINGS) return { done: true, value: undefined };
    if (code === NO_CONNECTION) return { done: false, reason: lastLine(stderr) ?? "ssh does not connect" };
    const { stdout } = await runOn(address, REASON);
    throw new InfraError(`cloud-init failed on ${address}:\n${stdout.trim()}`, {
      remedy: "destroy the stack, and make it anew once that is mended",
    });
  });
}

/** Docker's data is where it was when the server was made: another place would lose it. */
async function onVolume(address: string, volume: string): Promise<void> {
  const { code } = await runOn(address, `grep --quiet ' ${DATA_MOUNT} ' /proc/mounts\n`);
  if (code === 0) return;
  throw new InfraError(`Docker's data on ${address} is not on volume ${volume}: the server was made without it`, {
    remedy: "pulumi config rm volume, or destroy the stack and make it anew",
  });
}

async function addressed(address: string, privateAddress: string): Promise<void> {
  await waitFor(`address ${privateAddress}`, address, "1 min", async () => {
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

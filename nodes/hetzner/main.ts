import { json } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { present } from "../../lib/present.ts";
import { answerStep, stepNamed } from "../../lib/step-program.ts";
import { toStderr } from "../../machine/progress.ts";
import type { IssuedCertificate } from "../acme/issue.ts";
import { type ApiAccess, ask, ENDPOINT } from "./api.ts";
import type { CertificateTask } from "./certificate.ts";
import { challengeRecords } from "./challenge-records.ts";
import { ID_LABEL, MANAGED_BY } from "./labels.ts";
import { removeLabelled } from "./remove-labelled.ts";
import { dismiss } from "./server-access.ts";
import { serverReady } from "./server-ready.ts";
import { type Member, managerUp, workerDown, workerUp } from "./swarm-member.ts";

/*
 * One step of the life of a node at Hetzner, for the commands of its stack:
 *
 *   node nodes/hetzner/main.ts [options] STEP
 *
 * The answer is JSON on standard output, progress goes to standard error. The token is HCLOUD_TOKEN. Exit code 2: wrong
 * use; 3: it failed. Every step may be repeated.
 */

const OPTIONS = {
  stack: { type: "string" },
  id: { type: "string" },
  endpoint: { type: "string", default: ENDPOINT },
  server: { type: "string" },
  address: { type: "string" },
  private: { type: "string" },
  name: { type: "string" },
  volume: { type: "string" },
  zone: { type: "string" },
  "manager-address": { type: "string" },
  "manager-private": { type: "string" },
} as const;

type Options = ReturnType<typeof parse>["options"];

const STEPS: Record<string, (options: Options) => Promise<unknown>> = {
  begin: async () => ({}),
  end,
  "certificate issued": certificate,
  "certificate kept": async () =>
    JSON.parse(present(process.env.PULUMI_COMMAND_STDOUT, "the certificate that there is")),
  "server ready": (options) => serverReady(member(options), () => reboot(options), toStderr, options.volume),
  "manager up": (options) => managerUp(member(options)),
  "worker up": (options) => workerUp(present(options.name, "--name"), member(options), manager(options)),
  "worker down": (options) => workerDown(present(options.name, "--name"), member(options), manager(options), toStderr),
};

/** Takes away all that the stack has at Hetzner, and what is here to reach it. */
async function end({ stack, id, endpoint }: Options): Promise<void> {
  await removeLabelled(access(endpoint), { ...MANAGED_BY, [ID_LABEL]: present(id, "--id") }, { progress: toStderr });
  await dismiss(present(stack, "--stack"));
}

/** One for the order on standard input. */
async function certificate({ zone, endpoint }: Options): Promise<IssuedCertificate> {
  const { order, labels } = (await json(process.stdin)) as CertificateTask;
  // Its client takes a while to load, which no other step need pay.
  const { issueCertificate } = await import("../acme/issue.ts");
  return issueCertificate(order, challengeRecords(access(endpoint), present(zone, "--zone"), labels), toStderr);
}

async function reboot({ server, endpoint }: Options): Promise<void> {
  await ask(access(endpoint), `POST /servers/${present(server, "--server")}/actions/reboot`);
}

function access(endpoint: string): ApiAccess {
  return { endpoint, token: present(process.env.HCLOUD_TOKEN, "HCLOUD_TOKEN") };
}

function member({ address, private: inside }: Options): Member {
  return { address: present(address, "--address"), privateAddress: present(inside, "--private") };
}

function manager(options: Options): Member {
  return member({ ...options, address: options["manager-address"], private: options["manager-private"] });
}

function parse(argv: string[]) {
  const { values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  return { step: positionals.join(" "), options: values };
}

await answerStep(() => {
  const { step, options } = parse(process.argv.slice(2));
  return stepNamed(STEPS, step)(options);
});

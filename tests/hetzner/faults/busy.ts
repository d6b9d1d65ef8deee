import { systemClock } from "../../../lib/clock.ts";
import type { ExecResult } from "../../../lib/exec.ts";
import { ask } from "../api-client.ts";
import { serviceUnavailable, tooManyRequests } from "../emulator/controls.ts";
import type { Fault, Stage } from "./fault.ts";

/** What destroy ends with. */
const ALL_GONE = /^ +- \d+ deleted$/m;

/** Leaves a node with all that it has at Hetzner, but not ready: nothing boots. */
async function halfMade({ emulator, stack, project }: Stage): Promise<void> {
  await stack.set("volume", "10");
  emulator.controls.failNext("attach_volume", "action_failed", "half made");
  const { code, stdout } = await stack.up();
  if (code === 0 || !stdout.includes("half made")) throw new Error(stdout);
  await project.actions.settled();
}

/** A server of somebody else in the project, which is off. */
async function foreignServer({ emulator, project }: Stage, more: object = {}): Promise<number> {
  const what = { name: "theirs", server_type: "cx23", image: "debian-13", location: "nbg1", start_after_create: false };
  const { body } = await ask(emulator, "POST /servers", { ...what, ...more });
  await project.actions.settled();
  return body.server.id;
}

/** Takes it away while something else goes on. */
async function removeMeanwhile({ emulator, project }: Stage, server: number, doing: Promise<ExecResult>) {
  await systemClock.sleep(5000);
  await ask(emulator, `DELETE /servers/${server}`);
  await project.actions.settled();
  return doing;
}

/** What is in the way of a destroy. */
export const BUSY: readonly Fault[] = [
  {
    ...{ what: "the API answers 503 for 30 s", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      stage.emulator.controls.refuseFor(30_000, serviceUnavailable());
      return stage.stack.destroy();
    },
  },
  {
    ...{ what: "the API has had enough of us (429)", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      stage.emulator.controls.refuseNext(5, tooManyRequests(2));
      return stage.stack.destroy();
    },
  },
  {
    ...{ what: "the server was deleted behind our back", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      for (const { id } of stage.project.servers.all()) await ask(stage.emulator, `DELETE /servers/${id}`);
      await stage.project.actions.settled();
      return stage.stack.destroy();
    },
  },
  {
    ...{ what: "the primary IP is assigned to another server", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      const { emulator, project, stack } = stage;
      for (const { id } of project.servers.all()) await ask(emulator, `DELETE /servers/${id}`);
      await project.actions.settled();
      const [ip] = project.primaryIps.all();
      const server = await foreignServer(stage, {
        public_net: { ipv4: ip?.id, enable_ipv4: true, enable_ipv6: false },
      });
      return removeMeanwhile(stage, server, stack.destroy());
    },
  },
  {
    ...{ what: "the firewall is in use by another server", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      const [firewall] = stage.project.firewalls.all();
      const server = await foreignServer(stage, { firewalls: [{ firewall: firewall?.id }] });
      return removeMeanwhile(stage, server, stage.stack.destroy());
    },
  },
];

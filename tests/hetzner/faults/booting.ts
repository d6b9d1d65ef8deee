import { systemClock } from "../../../lib/clock.ts";
import { until } from "../../../lib/until.ts";
import { newSshKey } from "../../../nodes/hetzner/ssh-keys.ts";
import { ask } from "../api-client.ts";
import { unavailable } from "../emulator/api/api-error.ts";
import { serviceUnavailable } from "../emulator/controls.ts";
import { succeeded } from "../node-stack.ts";
import { type Fault, running } from "./fault.ts";

const MINUTE = 60_000;
const HALF_MINUTE = 30_000;

/** What goes wrong with a server that boots. */
export const BOOTING: readonly Fault[] = [
  {
    ...{ what: "the first location has no room for the server that it offers", doing: "up", comes: "borne" },
    ...{ boots: true, says: /the first that can be ordered: cx33 in fsn1/ },
    settings: { serverTypes: "cx33", volume: "10" },
    act: async ({ emulator, project, stack }) => {
      // Where its address is, the server is to be.
      const first = () => project.primaryIps.all().some(({ location }) => location.name === "nbg1");
      const refusal = unavailable("placement impossible");
      emulator.controls.refuseNext(99, refusal, (request) => request === "POST /servers" && first());
      return stack.up();
    },
  },
  {
    ...{ what: "the API answers 503 for 30 s, half-way", doing: "up", comes: "borne", boots: true },
    says: /cloud-init has ended well/,
    act: async ({ emulator, project, stack }) => {
      const up = stack.up();
      const begun = async () =>
        project.networks.all().length > 0
          ? ({ done: true, value: undefined } as const)
          : ({ done: false, reason: "it has not begun" } as const);
      await until(begun, { what: "the first resource", deadline: "2 min", every: "50 ms" });
      emulator.controls.refuseFor(HALF_MINUTE, serviceUnavailable());
      return up;
    },
  },
  {
    ...{ what: "the private interface comes only with another start", doing: "up", comes: "borne", boots: true },
    says: /its private address does not come, starting it again/,
    act: async ({ emulator, stack }) => {
      emulator.controls.privateInterface = "after reboot";
      const result = await stack.up();
      emulator.controls.privateInterface = "at once";
      return result;
    },
  },
  {
    ...{ what: "cloud-init fails", doing: "up", comes: "told", boots: true, says: /cloud-init failed on [\d.]+:/ },
    // Docker's own packages lie where no test gets.
    settings: { docker: "official" },
    act: ({ stack }) => stack.up(),
  },
  {
    ...{
      what: "ssh is refused for a minute",
      doing: "up",
      comes: "borne",
      boots: true,
      says: /ssh answers, with the key/,
    },
    act: async (stage) => {
      const up = stage.stack.up();
      const server = await running(stage);
      await stage.machines.applyFirewall(server, []);
      await systemClock.sleep(MINUTE);
      await stage.machines.applyFirewall(server, undefined);
      return up;
    },
  },
  {
    ...{ what: "the server shows another host key", doing: "up", comes: "told", boots: true },
    says: /shows another host key than it was given/,
    act: async ({ machines, stack }) => {
      const create = machines.create;
      const other = newSshKey().private.split("\n");
      // Each line of the key in its block of the user data.
      const swapped = (userData: string) =>
        userData.replace(/(-----BEGIN OPENSSH[\s\S]*?END OPENSSH PRIVATE KEY-----)/, (block) => {
          const indent = /\n( +)\S/.exec(block)?.[1] ?? "";
          return other.filter(Boolean).join(`\n${indent}`);
        });
      machines.create = (order) => create.call(machines, { ...order, userData: swapped(order.userData) });
      try {
        return await stack.up();
      } finally {
        machines.create = create;
      }
    },
  },
  {
    ...{
      what: "the volume was detached",
      doing: "up",
      comes: "borne",
      boots: true,
      says: /VolumeAttachment.*creat/,
    },
    settings: { volume: "10" },
    act: async ({ emulator, project, stack }) => {
      succeeded(await stack.up());
      for (const { id } of project.volumes.all()) await ask(emulator, `POST /volumes/${id}/actions/detach`);
      await project.actions.settled();
      return stack.up("--refresh");
    },
  },
];

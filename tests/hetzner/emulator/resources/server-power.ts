import type { Action } from "../actions.ts";
import { created, post, type Route } from "../api/route.ts";
import type { Project } from "../project.ts";
import { type Server, targetOf } from "./server.ts";
import { plugInAll } from "./server-networks.ts";

export const SERVER_POWER_ROUTES: readonly Route[] = [
  power("poweron", startServer),
  power("poweroff", stopServer),
  power("reset", resetServer),
  power("reboot", (project, server) =>
    project.actions.start("reboot_server", [targetOf(server)], async () => {
      await plugInAll(project.world, project, server);
      if (server.status === "running") await project.world.machines.reboot(server.id);
    }),
  ),
  // Its action is over when the server was asked to: how long it takes to end is its own affair.
  power("shutdown", (project, server) =>
    project.actions.start("shutdown_server", [targetOf(server)], () => {
      if (server.status !== "running") return;
      server.status = "stopping";
      project.world.inBackground(async () => {
        await project.world.machines.shutdown(server.id);
        if (server.status === "stopping") server.status = "off";
      });
    }),
  ),
];

function power(command: string, start: (project: Project, server: Server) => Action): Route {
  return post(`/servers/:id/actions/${command}`, (call) =>
    created({ action: start(call.project, call.project.servers.get(call.id())) }),
  );
}

/** Switches a server on. It is running when its machine has power, long before anything in it answers. */
export function startServer(project: Project, server: Server, after?: Action): Action {
  const start = async () => {
    server.status = "starting";
    // Not with its first start: what comes late comes later than that.
    if (!after) await plugInAll(project.world, project, server);
    await project.world.machines.powerOn(server.id);
    server.status = "running";
  };
  const onFailure = () => {
    server.status = "off";
  };
  return project.actions.start("start_server", [targetOf(server)], start, { after, onFailure });
}

function stopServer(project: Project, server: Server): Action {
  return project.actions.start("stop_server", [targetOf(server)], async () => {
    await project.world.machines.powerOff(server.id);
    server.status = "off";
  });
}

function resetServer(project: Project, server: Server): Action {
  const { machines } = project.world;
  return project.actions.start("reset_server", [targetOf(server)], async () => {
    await machines.powerOff(server.id);
    await plugInAll(project.world, project, server);
    await machines.powerOn(server.id);
    server.status = "running";
  });
}

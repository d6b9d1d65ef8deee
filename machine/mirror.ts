import { waitMirror } from "./gates.ts";
import { hostStep } from "./host.ts";
import { machineLayout } from "./layout.ts";
import { allSpecs } from "./machine.ts";
import { leaderPid, supervision } from "./power.ts";
import { MIRROR_FOLDER } from "./rootfs/node-rootfs.ts";

/**
 * Has the image mirrors that serve a folder look at it anew, on all nodes that are up: a mirror remembers which blobs
 * it has seen, and would spare an engine the push of one that was taken away meanwhile.
 *
 * @throws InfraError; DeadlineError when one does not answer again
 */
export async function restartMirrors(folder: string): Promise<void> {
  for (const { name, binds, address } of await allSpecs()) {
    if (!binds.some(({ source, target }) => target === MIRROR_FOLDER && source === folder)) continue;
    const running = await supervision(machineLayout(name));
    const leader = running && (await leaderPid(running));
    if (!leader) continue;
    // systemd lets a service start five times in ten seconds, and then never again, unless it forgets what it counted.
    for (const command of ["reset-failed", "restart"]) {
      const inside = ["systemctl", command, "docker-registry"];
      await hostStep(`restart the image mirror of ${name}`, ["nsenter", "-t", String(leader), "-a", ...inside]);
    }
    await waitMirror(address);
  }
}

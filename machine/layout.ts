import { join } from "node:path";
import { InfraError, UserError } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { shortHash } from "../lib/names.ts";

/** Longest path of a unix socket in bytes: sun_path of unix(7) holds 108 with the closing zero. */
export const SOCKET_PATH_LIMIT = 107;

/** Where one machine lies on the host. */
export interface MachineLayout {
  /** Unique on this host: names its network namespace, link and cgroup. 12 characters; a link may have 15. */
  id: string;
  folder: string;
  /** Writable layer of the machine's overlay, its work folder, and where the overlay is mounted. */
  upper: string;
  work: string;
  root: string;
  /** Docker's own overlays can't lie on an overlay, so its folders are the host's. */
  docker: string;
  containerd: string;
  /** Folder with the socket of the machine's Docker Engine. */
  run: string;
  socket: string;
  console: string;
  pid: string;
  spec: string;
}

/** The layout of a machine, whether it exists or not. */
export function machineLayout(name: string): MachineLayout {
  assertMachineName(name);
  const folder = home("machines", name);
  const run = join(folder, "run");
  return {
    id: `rci-${shortHash([folder])}`,
    folder,
    upper: join(folder, "up"),
    work: join(folder, "work"),
    root: join(folder, "root"),
    docker: join(folder, "docker"),
    containerd: join(folder, "containerd"),
    run,
    socket: join(run, "docker.sock"),
    console: join(folder, "console.log"),
    pid: join(folder, "pid"),
    spec: join(folder, "machine.json"),
  };
}

/** Names of a node's further machines, which are workers of its Swarm. */
export function workerNames(node: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${node}-worker-${index + 1}`);
}

/** @throws UserError unless the name can be a host name of up to 32 characters. */
export function assertMachineName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,30}[a-z0-9]$|^[a-z]$/.test(name)) return;
  throw new UserError(`not a machine name: "${name}"`, {
    remedy: "use up to 32 lower-case letters, digits and hyphens, beginning with a letter",
  });
}

/** @throws InfraError where the folder's path is too long for a socket or can't be a mount option. */
export function assertUsableFolder(layout: MachineLayout): void {
  const length = Buffer.byteLength(layout.socket);
  const remedy = "set RECIPE_CI_HOME to a shorter, plain path, for example /var/lib/recipe-ci";
  if (length > SOCKET_PATH_LIMIT)
    throw new InfraError(
      `${layout.socket}: ${length} bytes are too long for a unix socket, at most ${SOCKET_PATH_LIMIT}`,
      { remedy },
    );
  // These separate values in the options of mount(8) and systemd-nspawn(1).
  if (/[,:\\\s"]/.test(layout.folder))
    throw new InfraError(`${layout.folder}: a machine's path may not hold , : \\ " or spaces`, { remedy });
}

import { open, writeFile } from "node:fs/promises";
import type { Server } from "node:net";
import { join } from "node:path";
import { run } from "../../lib/exec.ts";
import { findProgram, shellWord } from "../../lib/program.ts";
import { projectPath } from "../../lib/project.ts";
import { SYSTEM_PATH } from "../../machine/host.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import { relay } from "./relay.ts";

/** Where Chromium finds the node's Traefik in a network of its own. */
export const OWN_WAY = { address: "127.0.0.1", port: 443 };

/** A network namespace that a Chromium begins in. */
export interface OwnNetwork {
  /** To be run instead of Chromium, with the same arguments. */
  executable: string;
  /** Ends what it is connected by. */
  close(): Promise<void>;
}

/**
 * A network namespace for one Chromium. Outside of one it ends all that it waits for as soon as any interface of the
 * machine comes or goes, and on a node where runs go on side by side they do all the time. In it there is a loopback
 * alone, from which a relay leads to the node's Traefik by a socket in `home`, and so nothing else of this machine.
 *
 * @param chromium path of the program
 * @param home a folder of the browser's own
 * @returns undefined where this process may make no such namespace, as who is not root may not
 */
export async function ownNetwork(
  chromium: string,
  { address, port }: Pick<Entry, "address" | "port">,
  home: string,
): Promise<OwnNetwork | undefined> {
  const path = `${process.env.PATH ?? ""}:${SYSTEM_PATH}`;
  const [unshare, ip] = await Promise.all(["unshare", "ip"].map((name) => findProgram(name, path)));
  if (!unshare || !ip) return undefined;
  const { code } = await run([unshare, "--net", ip, "link", "set", "lo", "up"]);
  if (code !== 0) return undefined;

  await using made = new AsyncDisposableStack();
  // A socket's path may have 107 bytes (unix(7)), and a run's folder alone can have more.
  const folder = made.use(await open(home, "r"));
  const socket = `/proc/${process.pid}/fd/${folder.fd}/traefik.sock`;
  const executable = join(home, "chromium-apart");
  const inside = projectPath("checks/browser/in-own-network.ts");
  const words = [unshare, "--net", process.execPath, inside, ip, socket, chromium].map(shellWord);
  await writeFile(executable, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o700 });
  const server = await listenAt(socket, { host: address, port });
  made.defer(() => void server.close());
  const kept = made.move();
  return { executable, close: () => kept.disposeAsync() };
}

/** A namespace does not hide sockets that are files. */
function listenAt(socket: string, to: { host: string; port: number }): Promise<Server> {
  const server = relay(to);
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(socket, () => resolve(server));
  });
}

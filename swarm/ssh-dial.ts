import { Agent, type ClientRequest } from "node:http";
import { sshArguments } from "../lib/ssh-arguments.ts";
import { SshSocket } from "./ssh-socket.ts";

/** Connections to one engine at a time: an sshd refuses many that begin at once (MaxStartups, 10). */
const MOST = 8;

/**
 * Connections to an engine as Docker's own CLI makes them: OpenSSH's client, which knows keys and checks the host's,
 * runs `docker system dial-stdio` there (docker/cli, cli/connhelper). They are kept for the next request.
 */
export class SshAgent extends Agent {
  readonly #arguments: readonly string[];

  /** @param dockerHost `ssh://user@host:port` */
  constructor(dockerHost: string) {
    super({ keepAlive: true, maxSockets: MOST });
    this.#arguments = [...sshArguments(new URL(dockerHost).hostname), ...destinationOf(dockerHost)];
  }

  override createConnection(): SshSocket {
    return new SshSocket([...this.#arguments, "docker", "system", "dial-stdio"]);
  }

  override keepSocketAlive(socket: SshSocket): boolean {
    super.keepSocketAlive(socket);
    socket.rest();
    return true;
  }

  override reuseSocket(socket: SshSocket, request: ClientRequest): void {
    socket.wake();
    super.reuseSocket(socket, request);
  }
}

/** Arguments of ssh(1) for an address; a host that looks like an option is none. */
export function destinationOf(dockerHost: string): string[] {
  const { username, hostname, port } = new URL(dockerHost);
  return [...(username ? ["-l", decodeURIComponent(username)] : []), ...(port ? ["-p", port] : []), "--", hostname];
}

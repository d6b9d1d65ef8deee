import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { exec, run } from "../../lib/exec.ts";
import { home } from "../../lib/home.ts";
import { cgroupProcesses, ensureCgroups, machineCgroups } from "../../machine/cgroup.ts";
import { machineLayout } from "../../machine/layout.ts";
import { destroyMachine } from "../../machine/machine.ts";
import { networkDown } from "../../machine/network/network.ts";
import { ensureMachineRunning, nodeMachineUp, nodeSwarmUp } from "../../machine/node.ts";
import { leaderPid, powerOff, supervision } from "../../machine/power.ts";
import { connect, ping, type Swarm, socketPath } from "../../swarm/client.ts";
import { ownHome } from "./own-home.ts";

const NAME = "faulty";
/** What the node's whole disk holds: the images and some room. */
const DISK_BYTES = 2 * 1024 ** 3;
const MEMORY_MIB = 2048;
const CPUS = 2;
/** What the node's programs still get when memory is short. */
const SHORT_MIB = 128;
const REFUSAL = '{"message":"the engine is out of order"}';

/** Where the node finds a registry that is out of order: on itself, so that it asks without TLS. */
export const BAD_REGISTRY = "127.0.0.1:5999";
export type RegistryAnswer = "hangs" | "login" | "too many";

const errors = (code: string, message: string) => JSON.stringify(JSON.stringify({ errors: [{ code, message }] }));
const RESPONSES: Record<RegistryAnswer, string> = {
  hangs: "undefined",
  login: `response.writeHead(401).end(${errors("UNAUTHORIZED", "authentication required")})`,
  "too many": `response.writeHead(429).end(${errors("TOOMANYREQUESTS", "You have reached your pull rate limit")})`,
};

/** A node of a test's own that things can be done to, on a small disk and behind a door that can be shut. */
export class FaultyNode implements AsyncDisposable {
  /** The engine as a run sees it: by the door. */
  readonly swarm: Swarm;
  private readonly own: AsyncDisposable & { folder: string };
  private readonly door: Door;
  private registry: ChildProcess | undefined;

  private constructor(own: AsyncDisposable & { folder: string }, door: Door) {
    this.own = own;
    this.door = door;
    this.swarm = connect(`unix://${door.path}`);
  }

  static async up(): Promise<FaultyNode> {
    const mirrorFolder = home("mirror");
    const own = await ownHome("faults");
    await mkdir(home("machines"));
    await exec(["mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", home("machines")]);
    try {
      const node = await nodeMachineUp(
        { name: NAME, memoryMiB: MEMORY_MIB, cpus: CPUS, mirrorFolder },
        () => undefined,
      );
      await nodeSwarmUp(NAME);
      return new FaultyNode(own, await Door.open(join(own.folder, "door.sock"), socketPath(node.socket)));
    } catch (error) {
      await takeDown(own);
      throw error;
    }
  }

  powerOff(): Promise<void> {
    return powerOff(machineLayout(NAME), "hard");
  }

  /** Kills the engine alone; the machine's init begins it anew. */
  async killEngine(): Promise<void> {
    for (const pid of await cgroupProcesses(machineLayout(NAME).id)) {
      const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
      if (command.trim() === "dockerd") process.kill(pid, "SIGKILL");
    }
  }

  /** From now on a registry at {@link BAD_REGISTRY} gives every request the answer, or none at all. */
  async badRegistry(answer: RegistryAnswer): Promise<void> {
    const running = await supervision(machineLayout(NAME));
    const pid = running && (await leaderPid(running));
    const script = `require("http").createServer((_, response) => ${RESPONSES[answer]}).listen(${BAD_REGISTRY.split(":")[1]}, () => console.log("up"))`;
    const argv = ["--target", String(pid), "--net", process.execPath, "-e", script];
    this.registry = spawn("nsenter", argv, { stdio: ["ignore", "pipe", "inherit"] });
    await once(this.registry.stdout ?? this.registry, "data");
  }

  /** Every answer is a 500 from now on. */
  async refuse(): Promise<void> {
    this.door.shut(EVERYTHING);
  }

  /** Whoever starts a program in a container gets a 500 from now on. */
  async refuseExecs(): Promise<void> {
    this.door.shut(EXECS);
  }

  /** @param leave bytes that stay free. Default: none */
  async fillDisk(leave = 0): Promise<void> {
    const full = home("machines", "full");
    await writeFile(full, "");
    // The node writes meanwhile, so that what was free a moment ago may not be had.
    for (let left = (await free()) - leave; left > 0; left = (await free()) - leave) {
      const { size } = await stat(full);
      await run(["fallocate", "--offset", String(size), "--length", String(left), full]);
    }
  }

  /** From now on the node has hardly more memory than it uses already. */
  async shortenMemory(): Promise<void> {
    const { id } = machineLayout(NAME);
    const used = await usedMiB(await machineCgroups(id));
    await ensureCgroups(id, { memoryMiB: used + SHORT_MIB, cpus: CPUS });
  }

  /** As it was before any of these. */
  async mend(): Promise<void> {
    this.door.unshut();
    await ensureCgroups(machineLayout(NAME).id, { memoryMiB: MEMORY_MIB, cpus: CPUS });
    this.registry?.kill("SIGKILL");
    this.registry = undefined;
    await rm(home("machines", "full"), { force: true });
    await ensureMachineRunning(NAME);
    await ping(this.swarm);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.door.close();
    await takeDown(this.own);
  }
}

/** What there is of the node, whole or half made. */
async function takeDown(own: AsyncDisposable): Promise<void> {
  await destroyMachine(NAME);
  await networkDown();
  await exec(["umount", home("machines")]);
  await own[Symbol.asyncDispose]();
}

/** What the kernel can't take back from a machine: what programs hold, and its disk in memory. Page cache it can. */
async function usedMiB(cgroups: string[]): Promise<number> {
  const stats = await Promise.all(cgroups.map((one) => readFile(join(one, "memory.stat"), "utf8").catch(() => "")));
  const bytes = stats.map((text) => {
    const held = text.matchAll(/^(?:total_rss|total_shmem|anon|shmem) (\d+)$/gm);
    return [...held].reduce((sum, [, size]) => sum + Number(size), 0);
  });
  return Math.ceil(Math.max(...bytes) / 2 ** 20);
}

async function free(): Promise<number> {
  const { bavail, bsize } = await statfs(home("machines"));
  return bavail * bsize;
}

/** What is refused while the whole engine is out of order, and while only programs in containers can't be started. */
const EVERYTHING = /^/;
const EXECS = /^POST \S*\/exec\b/;

/** A socket that hands everything on to another one, or refuses some requests. */
class Door {
  readonly path: string;
  private readonly server: Server;
  private readonly open = new Set<Socket>();
  private refused: RegExp | undefined;

  private constructor(path: string, to: string) {
    this.path = path;
    this.server = createServer({ allowHalfOpen: true }, (socket) => {
      const other = dial({ path: to, allowHalfOpen: true });
      for (const one of [socket, other]) this.open.add(one.on("close", () => this.open.delete(one)));
      socket.on("error", () => other.destroy()).on("end", () => other.end());
      other.on("error", () => socket.destroy()).on("drain", () => socket.resume());
      socket.on("data", (piece) => {
        // The client sends the head of a request in one piece.
        if (this.refused?.test(piece.toString("latin1"))) refuse(socket, other);
        else if (!other.write(piece)) socket.pause();
      });
      other.pipe(socket);
    });
  }

  static async open(path: string, to: string): Promise<Door> {
    const door = new Door(path, to);
    await new Promise<void>((resolve) => door.server.listen(path, resolve));
    return door;
  }

  /** @param requests by their head; what goes on ends where all are refused */
  shut(requests: RegExp): void {
    this.refused = requests;
    if (requests === EVERYTHING) for (const socket of this.open) socket.destroy();
  }

  unshut(): void {
    this.refused = undefined;
  }

  async close(): Promise<void> {
    this.shut(EVERYTHING);
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function refuse(socket: Socket, other: Socket): void {
  other.unpipe(socket);
  other.destroy();
  const head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n";
  socket.end(`${head}Content-Length: ${REFUSAL.length}\r\n\r\n${REFUSAL}`);
}

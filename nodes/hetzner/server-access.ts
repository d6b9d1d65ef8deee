import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { home } from "../../lib/home.ts";
import { sshFolder } from "../../lib/ssh-arguments.ts";

/** How one server is reached by ssh, as root. */
export interface ServerAccess {
  stack: string;
  role: "manager" | "worker";
  address: string;
  /** Of who connects. */
  privateKey: string;
  /** The only key that the server may show, as a public key line. */
  hostKey: string;
}

/** What is told of a server beside ssh's own files. */
type Note = Pick<ServerAccess, "stack" | "role" | "address">;

const NOTE = "server.json";

/** Puts down what ssh(1) needs to reach a server; its private key for the user alone. Whatever was there is replaced. */
export async function admit({ privateKey, hostKey, ...server }: ServerAccess): Promise<void> {
  const folder = sshFolder(server.address);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [key, known] = [join(folder, "key"), join(folder, "known_hosts")];
  await ownFile(key, privateKey);
  await ownFile(known, `${server.address} ${hostKey}\n`);
  const config = [
    `IdentityFile "${key}"`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile "${known}"`,
    "GlobalKnownHostsFile none",
    "ServerAliveInterval 15",
  ];
  await ownFile(join(folder, "config"), `${config.join("\n")}\n`);
  const note: Note = { stack: server.stack, role: server.role, address: server.address };
  await ownFile(join(folder, NOTE), `${JSON.stringify(note)}\n`);
}

/** Servers of a stack that can be reached from this home. */
export async function serversOf(stack: string): Promise<Note[]> {
  const folders = await readdir(home("ssh", "servers")).catch(() => []);
  const notes = await Promise.all(folders.map((address) => noteIn(sshFolder(address))));
  return notes.flatMap((note) => (note?.stack === stack ? [note] : []));
}

/** Takes away what {@link admit} put down for all servers of a stack. */
export async function dismiss(stack: string): Promise<void> {
  for (const { address } of await serversOf(stack)) await dismissServer(address);
}

/** Takes away what {@link admit} put down for one server. */
export async function dismissServer(address: string): Promise<void> {
  await rm(sshFolder(address), { recursive: true, force: true });
}

async function noteIn(folder: string): Promise<Note | undefined> {
  const text = await readFile(join(folder, NOTE), "utf8").catch(() => "");
  return text ? (JSON.parse(text) as Note) : undefined;
}

/** The mode given to `writeFile` is for a new file only. */
async function ownFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { home } from "../../lib/home.ts";
import { replaceFile } from "../../lib/replace-file.ts";
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
/** For the user alone. */
const OWN = 0o600;

/**
 * Puts down what ssh(1) needs to reach a server; its private key for the user alone. Every `up` does so anew, beside runs
 * whose ssh reads it at any moment.
 */
export async function admit({ privateKey, hostKey, ...server }: ServerAccess): Promise<void> {
  const folder = sshFolder(server.address);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [key, known] = [join(folder, "key"), join(folder, "known_hosts")];
  replaceFile(key, privateKey, OWN);
  replaceFile(known, `${server.address} ${hostKey}\n`, OWN);
  const config = [
    `IdentityFile "${key}"`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile "${known}"`,
    "GlobalKnownHostsFile none",
    "ServerAliveInterval 15",
  ];
  replaceFile(join(folder, "config"), `${config.join("\n")}\n`, OWN);
  const note: Note = { stack: server.stack, role: server.role, address: server.address };
  replaceFile(join(folder, NOTE), `${JSON.stringify(note)}\n`, OWN);
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

import { existsSync } from "node:fs";
import { home } from "./home.ts";

/** Folder of what ssh(1) needs to know of one host, where recipe-ci made that host itself. */
export function sshFolder(host: string): string {
  return home("ssh", "servers", host);
}

/** Docker host of the engine of a server that recipe-ci made, which it enters as root. */
export function serverEngine(address: string): string {
  return `ssh://root@${address}`;
}

/**
 * Arguments of ssh(1) for every engine that is reached by it: it asks nobody anything, and goes to no host whose key it
 * does not know. Which keys those are, and which is ours, says the file `config` in {@link sshFolder}, else the file
 * `ssh/config` in recipe-ci's home, else the configuration of the user who runs this.
 *
 * @param host its name or address
 */
export function sshArguments(host: string): string[] {
  const config = [`${sshFolder(host)}/config`, home("ssh", "config")].find((file) => existsSync(file));
  return [
    ...(config ? ["-F", config] : []),
    ...["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15"],
  ];
}

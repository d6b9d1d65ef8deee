import { existsSync } from "node:fs";
import { home } from "./home.ts";

/**
 * Arguments of ssh(1) for every engine that is reached by it: it asks nobody anything, and goes to no host whose key it
 * does not know. Which keys those are, and which is ours, says the configuration of the user who runs this, or the file
 * `ssh/config` in recipe-ci's home where there is one.
 */
export function sshArguments(): string[] {
  const config = home("ssh", "config");
  return [
    ...(existsSync(config) ? ["-F", config] : []),
    ...["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15"],
  ];
}

import * as docker from "@pulumi/docker";
import { sshArguments } from "../lib/ssh-arguments.ts";

/** The provider of one engine. @param host as in `DOCKER_HOST`: `unix:///…`, `ssh://…` */
export function engineProvider(name: string, host: string): docker.Provider {
  return new docker.Provider(
    name,
    host.startsWith("ssh://") ? { host, sshOpts: sshArguments(new URL(host).hostname) } : { host },
  );
}

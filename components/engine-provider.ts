import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { sshArguments } from "../lib/ssh-arguments.ts";
import { tlsFolder } from "../swarm/tls-files.ts";

/** The provider of one engine. @param host as in `DOCKER_HOST`: `unix:///…`, `ssh://…`, `tcp://…` */
export function engineProvider(name: string, host: string, options?: pulumi.ResourceOptions): docker.Provider {
  return new docker.Provider(name, { host, ...access(host) }, options);
}

function access(host: string): docker.ProviderArgs {
  if (host.startsWith("tcp://")) return { certPath: tlsFolder() };
  // Said, since the provider would take it from DOCKER_CERT_PATH, and then speak TLS to whatever host it is given.
  const certPath = "";
  return host.startsWith("ssh://") ? { certPath, sshOpts: sshArguments(new URL(host).hostname) } : { certPath };
}

import { probeNameOf } from "../checks/probe.ts";
import { shellWord } from "../lib/program.ts";
import type { RunResult } from "../lifecycle/result.ts";
import { dockerCli } from "../machine/docker-cli.ts";
import { connect } from "../swarm/client.ts";
import { enginesOf } from "../swarm/engines.ts";

/**
 * What to say of an app that is left up: where it is, a line for a shell that asks it, and what ends it. Nothing of an
 * app is published, so it is asked from the container that its checks were asked from.
 */
export async function keptApp(result: RunResult, dockerHost: string, until: Date): Promise<string[]> {
  const url = addressOf(result);
  const place = (await enginesOf(connect(dockerHost)).catch(() => [])).find(({ node }) => node === result.node.place);
  const docker = await dockerCli();
  return [
    `kept until ${until.toISOString()}`,
    ...(result.domain ? [`  its domain  ${result.domain}`] : []),
    ...(url ? [`  its address ${url}, in its own networks`] : []),
    ...(url ? [`  to ask it   ${askingLine(docker, place?.host ?? dockerHost, url, result)}`] : []),
    `  to end it   npx recipe-ci end ${result.run}`,
  ];
}

/** Where the last check found it. */
function addressOf({ phases }: RunResult): string | undefined {
  const urls = phases.flatMap(({ checks }) =>
    checks.flatMap(({ name, evidence }) => (/^[a-z]+\.answers$/.test(name) ? [evidence?.url] : [])),
  );
  return urls.filter((url) => typeof url === "string").at(-1);
}

/** A line for a POSIX shell. */
function askingLine(cli: readonly string[], host: string, url: string, { domain, namespace }: RunResult): string {
  const docker = [...cli, "--host", host, ...(host.startsWith("tcp://") ? ["--tlsverify"] : [])]
    .map(shellWord)
    .join(" ");
  const filter = shellWord(`label=com.docker.swarm.service.name=${probeNameOf(namespace)}`);
  const header = domain ? ` --header ${shellWord(`Host: ${domain}`)}` : "";
  return `${docker} exec "$(${docker} ps --quiet --filter ${filter})" curl --include${header} ${shellWord(url)}`;
}

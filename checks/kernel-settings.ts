import type { ConvergeCause } from "../swarm/converge/converge-error.ts";
import type { CheckContext } from "./check.ts";
import { saidBy, type Trouble } from "./trouble.ts";

/**
 * Settings that a kernel has once, for all its containers (so no recipe has a say in them), and what programs say that
 * find one too small: Elasticsearch and OpenSearch; Node, .NET, Python's watchdog and fsnotify; whoever uses Linux' AIO.
 * A group, where there is one, is the value that is wanted.
 */
const SETTINGS: readonly (readonly [setting: string, words: RegExp])[] = [
  ["vm.max_map_count", /vm\.max_map_count\b.*\btoo low, increase to at least \[?(\d+)/],
  [
    "fs.inotify.max_user_watches",
    /limit for number of file watchers reached|limit \(\d+\) on the number of inotify watches|inotify watch limit reached/i,
  ],
  [
    "fs.inotify.max_user_instances",
    /limit \(\d+\) on the number of inotify instances|inotify instance limit reached|EMFILE: too many open files, watch|watcher: too many open files/i,
  ],
  ["fs.aio-max-nr", /aio-max-nr to at least (\d+)/],
];

/**
 * A service that does not run, as its own words say, because a setting of the node's kernel is too small for it.
 * Undefined where it says nothing of the kind, or the setting is as it wants it.
 */
export async function smallSetting(
  cause: ConvergeCause,
  { probe, signal }: Pick<CheckContext, "signal"> & Partial<Pick<CheckContext, "probe">>,
): Promise<Trouble | undefined> {
  const asked = settingAskedFor(cause);
  if (asked === undefined || !probe) return undefined;
  const { setting, wanted } = asked;
  const has = await probe.kernelSetting(setting, signal).catch(() => undefined);
  if (has === undefined || (wanted !== undefined && has >= wanted)) return undefined;
  const least = wanted === undefined ? "more" : `at least ${wanted}`;
  return {
    owner: "infra",
    said: `${cause.service} wants ${least} of the kernel's ${setting}, which is ${has} on the node and is not for a container to set\n  remedy: sysctl -w ${setting}=${wanted ?? has * 8} on the node, and in /etc/sysctl.d; the recipe's operators need it as well, so its README should say so`,
  };
}

/** The setting that a service's last words ask for. */
export function settingAskedFor(cause: ConvergeCause): { setting: string; wanted?: number } | undefined {
  for (const line of saidBy(cause)) {
    for (const [setting, words] of SETTINGS) {
      const found = words.exec(line);
      if (found) return { setting, wanted: found[1] === undefined ? undefined : Number(found[1]) };
    }
  }
  return undefined;
}

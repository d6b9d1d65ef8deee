import { expect, test } from "vitest";
import { settingAskedFor, smallSetting } from "../../checks/kernel-settings.ts";
import { Probe } from "../../checks/probe.ts";
import type { ConvergeCause } from "../../swarm/converge/converge-error.ts";
import { checkContext } from "../fixtures/spec.ts";

const LOW = "max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]";
const cause: ConvergeCause = {
  kind: "exited",
  service: "wiki_ci_test_search",
  message: "task failed (task: non-zero exit (78))",
  logs: `node validation exception\n[1] bootstrap checks failed\n[1]: ${LOW}`,
  owner: "recipe",
  failures: 1,
};

test.each([
  [LOW, "vm.max_map_count"],
  [LOW.replace("is too low", "likely too low"), "vm.max_map_count"],
  ["Error: ENOSPC: System limit for number of file watchers reached, watch '/app'", "fs.inotify.max_user_watches"],
  [
    "The configured user limit (8192) on the number of inotify watches has been reached.",
    "fs.inotify.max_user_watches",
  ],
  [
    "System.IO.IOException: The configured user limit (128) on the number of inotify instances has been reached",
    "fs.inotify.max_user_instances",
  ],
  ["OSError: [Errno 24] inotify instance limit reached", "fs.inotify.max_user_instances"],
  ["Error: EMFILE: too many open files, watch '/app'", "fs.inotify.max_user_instances"],
  ["Could not setup Async I/O: Set /proc/sys/fs/aio-max-nr to at least 1048576", "fs.aio-max-nr"],
])("%j asks for more of a setting of the kernel's", (logs, setting) => {
  expect(settingAskedFor({ ...cause, logs })?.setting).toBe(setting);
});

test.each([
  "WARNING Memory overcommit must be enabled! add 'vm.overcommit_memory = 1' to /etc/sysctl.conf",
  "accept4: too many open files",
  "max file descriptors [4096] for elasticsearch process is too low, increase to at least [65535]",
  "vm.max_map_count is 262144",
])("%j does not", (logs) => {
  expect(settingAskedFor({ ...cause, logs })).toBeUndefined();
});

function judged(has: number | Error, logs = LOW) {
  const kernelSetting = async () => {
    if (has instanceof Error) throw has;
    return has;
  };
  const probe = Object.assign(Object.create(Probe.prototype), { kernelSetting });
  return smallSetting({ ...cause, logs }, { ...checkContext(), probe });
}

test("where the node's kernel has too little of it, that is the node's", async () => {
  expect(await judged(65530)).toMatchObject({
    owner: "infra",
    said: expect.stringMatching(
      /^wiki_ci_test_search wants at least 262144 of the kernel's vm\.max_map_count, which is 65530 on the node.*\n {2}remedy: sysctl -w vm\.max_map_count=262144 /,
    ),
  });
  expect((await judged(128, "inotify instance limit reached"))?.said).toMatch(
    /wants more of the kernel's fs\.inotify\.max_user_instances, which is 128 .*\n.*max_user_instances=1024 /,
  );
});

test("where it has enough, or can't be asked, the recipe stays charged", async () => {
  expect(await judged(262144)).toBeUndefined();
  expect(await judged(new Error("the probe does not run"))).toBeUndefined();
});

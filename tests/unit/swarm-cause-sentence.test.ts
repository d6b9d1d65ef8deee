import { expect, test } from "vitest";
import type { ContainerRecord } from "../../swarm/container-record.ts";
import { ownerOf, stumbles } from "../../swarm/converge/cause-owner.ts";
import { causeSentence } from "../../swarm/converge/cause-sentence.ts";
import type { ConvergeCauseKind } from "../../swarm/converge/converge-error.ts";
import type { Task } from "../../swarm/task.ts";

const task = (State: string, Err?: string) => ({ Status: { State, Err, Message: State } }) as Task;
const EXIT = task("failed", "task: non-zero exit (1)");
const RUNC =
  'starting container failed: failed to create task for container: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app.sh": permission denied: unknown';

test.each<[string, ConvergeCauseKind, Task, Partial<ContainerRecord>, string]>([
  [
    "ends with what its program said last",
    "exited",
    EXIT,
    { logs: "starting\n\u001b[31mError: TITLE is not set\u001b[0m\n---\n" },
    "task failed (task: non-zero exit (1)): Error: TITLE is not set",
  ],
  ["is whole without a log", "exited", EXIT, {}, "task failed (task: non-zero exit (1))"],
  [
    "cuts what is too long",
    "exited",
    EXIT,
    { logs: "x".repeat(900) },
    `task failed (task: non-zero exit (1)): ${"x".repeat(200)}…`,
  ],
  [
    "explains a script that is there and not found",
    "exited",
    EXIT,
    { logs: "exec /entrypoint.sh: no such file or directory" },
    "task failed (task: non-zero exit (1)): exec /entrypoint.sh: no such file or directory; a script that is there is not found where the image lacks the interpreter that its first line names, or that line ends in CRLF",
  ],
  [
    "explains a script without an interpreter",
    "exited",
    EXIT,
    { logs: "exec /entrypoint.sh: exec format error" },
    "task failed (task: non-zero exit (1)): exec /entrypoint.sh: exec format error; a script needs #! and its interpreter in its first line",
  ],
  [
    "ends with what the probe said",
    "unhealthy",
    task("starting"),
    { probe: { exitCode: 1, output: "sh: curl: not found" }, logs: "listening" },
    "its container is unhealthy: sh: curl: not found",
  ],
  [
    "leaves out what the runtime says before the reason",
    "rejected",
    task("failed", RUNC),
    {},
    `its program can't be started: exec: "/app.sh": permission denied; where a config is run, it needs mode: 0555`,
  ],
  [
    "names the limit of memory first",
    "exited",
    EXIT,
    { outOfMemory: 64 << 20, logs: "Killed" },
    "it ran out of memory: its limit is 64.0 MiB (deploy.resources.limits.memory)",
  ],
])("the sentence of a cause %s", (_, kind, of, record, said) => {
  expect(causeSentence(kind, of, { record: { running: false, ...record } })).toBe(said);
});

const unbound = (path: string) =>
  task("rejected", `invalid mount config for type "bind": bind source path does not exist: ${path}`);
const VOLUME = "/var/lib/docker/volumes/wiki_data/_data";
const unmounted = (path: string) =>
  task(
    "failed",
    `starting container failed: error while mounting volume '${VOLUME}': failed to mount local volume: mount ${path}:${VOLUME}, flags: 0x1000: no such file or directory`,
  );

test.each([
  ["/srv/media", "itself", unbound("/srv/media"), "infra"],
  ["/srv/media", "by a volume", unmounted("/srv/media"), "infra"],
  ["/root/.abra/recipes/wiki/conf", "itself", unbound("/root/.abra/recipes/wiki/conf"), "recipe"],
])("%s, which a service binds %s and the node has not, is whose failure it is", (path, _, of, owner) => {
  expect(ownerOf("rejected", of, undefined)).toBe(owner);
  expect(causeSentence("rejected", of, {})).toBe(
    `the node has no ${path}, which a volume of the service binds: it has to be made on the node first, as its operators do; Swarm makes volumes that have a name`,
  );
});

test("a mount of the engine's own that fails now and then is nobody's failure, as Swarm starts another task", () => {
  const path = `/var/lib/docker/containers/${"0a".repeat(32)}/mounts/secrets`;
  const why = `starting container failed: unable to remount dir as readonly: mount tmpfs:${path}, flags: 0x21, data: uid=0,gid=0: device or resource busy`;
  const stumble = task("failed", why);
  expect(ownerOf("rejected", stumble, undefined)).toBe("infra");
  expect(stumbles([stumble, EXIT, task("failed", RUNC)])).toEqual([stumble]);
  expect(stumbles(Array.from({ length: 4 }, () => stumble))).toEqual([]);
  expect(stumbles([{ ...stumble, Spec: { RestartPolicy: { Condition: "none" } } }])).toEqual([]);
});

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { until } from "../../lib/until.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

const SCRIPT = projectPath(".ci/bare-host");
const HIDDEN = ["dockerd", "docker", "iptables", "iptables-save", "nft", "ip", "mmdebstrap", "systemd-nspawn"];
const ALSO_HIDDEN = ["chromium", "sshd", "restic", "skopeo", "pulumi"];

const bareHost = (...args: [string, ...string[]]) => run([SCRIPT, ...args]);
const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("recipe-ci-bare-host."));
const paths = (names: string[]) => `for p in ${names.join(" ")}; do type -P "$p"; done; true`;

test("hides what the project installs, also in itself, and nothing that the README asks for", async () => {
  const shell = paths([...HIDDEN, ...ALSO_HIDDEN]);
  expect(await bareHost("bash", "-c", shell)).toEqual({ code: 0, stdout: "", stderr: "" });
  const install = `printf '#!/bin/sh\\n' > /usr/bin/skopeo && chmod +x /usr/bin/skopeo && skopeo && exec "$@"`;
  const nested = await bareHost("bash", "-c", install, "bash", SCRIPT, SCRIPT, "bash", "-c", shell);
  expect(nested).toEqual({ code: 0, stdout: "", stderr: "" });
  const there = await bareHost("bash", "-c", paths(["git", "node", "npm", "apt-get"]));
  expect(there.stdout.trim().split("\n")).toHaveLength(4);
});

test("what the command installs, starts and mounts is gone after it; its exit code is given", async () => {
  const before = { folders: folders(), mounts: readFileSync("/proc/self/mountinfo", "utf8") };
  const left = `
    touch /usr/bin/recipe-ci-left /etc/recipe-ci-left /var/recipe-ci-left
    mount -t tmpfs tmpfs /mnt
    unshare --mount --pid --fork sleep 86399 >/dev/null & echo $!
    exit 7`;
  const { code, stdout, stderr } = await bareHost("bash", "-c", left);
  expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
  expect(existsSync(`/proc/${stdout.trim()}/exe`)).toBe(false);
  for (const folder of ["/usr/bin", "/etc", "/var"]) expect(existsSync(`${folder}/recipe-ci-left`)).toBe(false);
  expect({ folders: folders(), mounts: readFileSync("/proc/self/mountinfo", "utf8") }).toEqual(before);
});

test("keeps HOME, or gives an empty one", async () => {
  expect((await bareHost("bash", "-c", "echo $HOME")).stdout.trim()).toBe(process.env.HOME);
  const { stdout } = await bareHost("--empty-home", "bash", "-c", "printenv RECIPE_CI_HOME || echo none; ls -A $HOME");
  const settings = [".npmrc", ".gitconfig", ".config"];
  const [homeFolder, ...entries] = stdout.trim().split("\n");
  expect(homeFolder).toBe("none");
  expect(entries.filter((name) => name && !settings.includes(name))).toEqual([]);
});

test("SIGTERM and SIGINT to it alone reach the command, which ends as it likes", async () => {
  const folder = await scratchFolder();
  for (const [signal, code] of [
    ["SIGTERM", 5],
    ["SIGINT", 6],
  ] as const) {
    const shell = `trap 'exit 5' TERM; trap 'exit 6' INT; : > ${folder}/${signal}; while :; do read -t 1 <> <(:); done`;
    const child = spawn(SCRIPT, ["bash", "-c", shell], { stdio: "ignore", detached: true });
    const ended = once(child, "exit");
    const ready = async () =>
      existsSync(`${folder}/${signal}`)
        ? ({ done: true, value: undefined } as const)
        : { done: false as const, reason: "not yet" };
    await until(ready, { what: "the command's start", deadline: "60 s" });
    child.kill(signal);
    expect(await ended).toEqual([code, null]);
  }
});

test("says in one line that it needs root", () => {
  const script = readFileSync(SCRIPT, "utf8");
  const { status, stderr } = spawnSync("bash", ["-s", "--", "true"], {
    input: script,
    uid: 65534,
    gid: 65534,
    cwd: "/",
  });
  expect({ status, stderr: stderr.toString() }).toEqual({
    status: 2,
    stderr: "bare-host: hiding this host's programs needs root\n",
  });
});

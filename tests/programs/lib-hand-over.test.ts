import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { shellWord } from "../../lib/program.ts";
import { projectPath } from "../../lib/project.ts";
import { until } from "../../lib/until.ts";

/** Says each SIGINT it gets, and how many it got when SIGTERM ends it. */
const CHILD = `
let count = 0;
process.on("SIGINT", () => console.log("interrupt " + ++count));
process.on("SIGTERM", () => { console.log("ended after " + count); process.exit(7); });
process.stdin.on("data", () => console.log("heard"));
console.log("ready");
setInterval(() => {}, 1000);
`;

/** Stands for a launcher: hands over to {@link CHILD}. `more` runs in it as well. */
function launcher(more = ""): string {
  return `
    import { handOver } from ${JSON.stringify(pathToFileURL(projectPath("lib/hand-over.js")).href)};
    const ended = handOver(process.execPath, ["-e", ${JSON.stringify(CHILD)}]);
    ${more}
    process.exitCode = await ended;
  `;
}

const started: ChildProcess[] = [];

class Launched {
  readonly process: ChildProcess;
  said = "";

  constructor(command: string, args: string[]) {
    this.process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    started.push(this.process);
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (piece) => {
        this.said += piece;
      });
  }

  async says(text: string): Promise<void> {
    const look = async () =>
      this.said.includes(text)
        ? ({ done: true, value: undefined } as const)
        : { done: false as const, reason: this.said };
    await until(look, { what: `"${text}"`, deadline: "15 s", every: "5 ms" });
  }

  async ended(): Promise<number> {
    if (this.process.exitCode === null) await once(this.process, "close");
    return this.process.exitCode ?? -1;
  }
}

afterEach(() => {
  for (const { pid, exitCode, signalCode } of started.splice(0))
    if (pid && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
});

function inPipes(more?: string): Launched {
  return new Launched(process.execPath, ["--input-type=module", "-e", launcher(more)]);
}

/** On a terminal of its own, whose keys are what is written to standard input. `shell` runs the launcher, `"$@"`. */
function onTerminal(shell: string, more?: string): Launched {
  const words = ["bash", "-c", shell, "bash", process.execPath, "--input-type=module", "-e", launcher(more)];
  const command = words.map(shellWord).join(" ");
  return new Launched("script", ["--quiet", "--return", "--command", `exec ${command}`, "/dev/null"]);
}

describe("handOver without a terminal", () => {
  it("gives the exit code of one whose output passes through, though another that it left behind holds it", async () => {
    const code = `
      import { handOver } from ${JSON.stringify(pathToFileURL(projectPath("lib/hand-over.js")).href)};
      const left = 'echo said; sleep 30 & echo "left $!"; exit 7';
      process.exitCode = await handOver("sh", ["-c", left], process.env, { through: true });
    `;
    const launched = new Launched(process.execPath, ["--input-type=module", "-e", code]);
    expect(await launched.ended()).toBe(7);
    expect(launched.said).toContain("said\n");
    process.kill(Number(/left (\d+)/.exec(launched.said)?.[1]));
  });

  it("passes a SIGINT on that one process got, and a later second one", async () => {
    const launched = inPipes();
    await launched.says("ready");
    launched.process.kill("SIGINT");
    await launched.says("interrupt 1");
    const again = async () => {
      launched.process.kill("SIGINT");
      return launched.said.includes("interrupt 2")
        ? ({ done: true, value: undefined } as const)
        : { done: false as const, reason: launched.said };
    };
    await until(again, { what: "a second interrupt", deadline: "15 s", every: "150 ms" });
    launched.process.kill("SIGTERM");
    expect(await launched.ended()).toBe(7);
  });

  it("gives the child one SIGINT when the whole group got it", async () => {
    const launched = inPipes();
    await launched.says("ready");
    // While the launcher is stopped, only the group itself could have brought it to the child.
    launched.process.kill("SIGSTOP");
    process.kill(-(launched.process.pid ?? 0), "SIGINT");
    launched.process.stdin?.write("?");
    await launched.says("heard");
    expect(launched.said).not.toContain("interrupt");
    launched.process.kill("SIGCONT");
    await launched.says("interrupt 1");
    launched.process.kill("SIGTERM");
    expect(await launched.ended()).toBe(7);
    expect(launched.said).toContain("ended after 1");
  });

  it("takes SIGINT to the process and at once to its group for one, as timeout(1) sends it", async () => {
    const launched = inPipes(
      `process.on("SIGUSR2", () => { process.emit("SIGINT", "SIGINT"); process.emit("SIGINT", "SIGINT"); });`,
    );
    await launched.says("ready");
    launched.process.kill("SIGUSR2");
    await launched.says("interrupt 1");
    launched.process.kill("SIGTERM");
    expect(await launched.ended()).toBe(7);
    expect(launched.said).toContain("ended after 1");
  });

  it("gives 128 + n when a signal ended the child", async () => {
    const launched = inPipes();
    await launched.says("ready");
    launched.process.kill("SIGHUP");
    expect(await launched.ended()).toBe(128 + constants.signals.SIGHUP);
  });
});

describe("handOver on a terminal", () => {
  it("lets each Ctrl-C reach the child once", async () => {
    const launched = onTerminal('exec "$@"');
    await launched.says("ready");
    launched.process.stdin?.write("\x03");
    await launched.says("interrupt 1");
    launched.process.stdin?.write("\x03");
    await launched.says("interrupt 2");
    launched.process.stdin?.write("\x1c");
    await launched.ended();
    expect(launched.said).not.toContain("interrupt 3");
  });

  it("passes on what a background job of it gets, though its standard input is the terminal", async () => {
    const launched = onTerminal(
      'set -m; "$@" & wait',
      'console.log("pid " + process.pid + ", " + process.stdin.isTTY);',
    );
    await launched.says("ready");
    const pid = Number(/pid (\d+), true/.exec(launched.said)?.[1]);
    process.kill(pid, "SIGINT");
    await launched.says("interrupt 1");
    process.kill(pid, "SIGTERM");
    await launched.says("ended after 1");
  });
});

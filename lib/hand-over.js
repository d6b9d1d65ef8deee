// Plain JavaScript that Node 20 reads: the launchers need it before there is a Node that runs TypeScript.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { constants } from "node:os";

/** Milliseconds in which a further SIGINT is the same one: timeout(1) signals its child, and then the child's group. */
const SAME_INTERRUPT_MS = 100;

/**
 * Whether a Ctrl-C of the terminal reaches this process: its group is the terminal's foreground group. Where there is
 * no /proc, a terminal on standard input has to do.
 *
 * @returns {boolean}
 */
export function inForeground() {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    // After the command's name, which may itself hold parentheses: state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY === true;
  }
}

/**
 * Runs a program in this process's place, on its terminal, and gives its exit code (128 + n after signal n). A SIGINT
 * reaches it once, since a second one means "at once" to it: in the terminal's foreground it shares our group and has
 * Ctrl-C from there, and learns that the terminal is closed; else it gets a group of its own, and what is sent to us,
 * or to our group, is passed on.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] its whole environment. Default: this process's.
 * @param {{ through?: boolean }} [how] `through`: its output passes through this process, so that it has no terminal
 *   to redraw lines on; for programs that run side by side. Default false.
 * @returns {Promise<number>} rejects when the program can't be started.
 */
export async function handOver(command, args, env = process.env, { through = false } = {}) {
  const shared = inForeground();
  const output = through ? "pipe" : "inherit";
  const child = spawn(command, args, { stdio: ["inherit", output, output], env, detached: !shared });
  for (const [stream, ours] of /** @type {const} */ ([
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ])) {
    stream?.pipe(ours, { end: false });
    // What it left behind may hold the other end for ever.
    /** @type {import("node:net").Socket | null} */ (stream)?.unref();
  }
  let interrupted = Number.NEGATIVE_INFINITY;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    if (shared && signal !== "SIGTERM") return;
    if (signal === "SIGINT") {
      if (performance.now() - interrupted < SAME_INTERRUPT_MS) return;
      interrupted = performance.now();
    }
    child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, pass);
  try {
    const [code, signal] = /** @type {[number | null, NodeJS.Signals | null]} */ (await once(child, "exit"));
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

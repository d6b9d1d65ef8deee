const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * How a person ends a run: the first signal cancels and tears down, the second explains, the third gives up. A reader of
 * the output who has gone, as `head` does, cancels as well, and so does a terminal that is closed, however often the
 * shell and the kernel say so: to others these are signals that end them at once.
 */
export function cancelOnSignals(say: (line: string) => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  let count = 0;
  const onSignal = (name: NodeJS.Signals) => {
    count++;
    if (count === 1) {
      say(`${name}: cancelling; what was deployed is being removed`);
      controller.abort(new Error(`cancelled by ${name}`));
    } else if (count === 2) {
      say(`${name} again: teardown is still running and usually takes under a minute; once more ends it at once,`);
      say("and the next run removes what it leaves");
    } else {
      process.exit(3);
    }
  };
  const onHangUp = () => {
    if (!controller.signal.aborted)
      say("SIGHUP: the terminal is closed; cancelling, what was deployed is being removed");
    controller.abort(new Error("cancelled by SIGHUP"));
  };
  const onUnread = () => controller.abort(new Error("cancelled: nobody reads what is said any more"));
  for (const name of SIGNALS) process.on(name, onSignal);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", onUnread);
  process.on("SIGHUP", onHangUp);
  const release = () => {
    for (const name of SIGNALS) process.off(name, onSignal);
    for (const stream of [process.stdout, process.stderr]) stream.off("error", onUnread);
    process.off("SIGHUP", onHangUp);
  };
  return { signal: controller.signal, release };
}

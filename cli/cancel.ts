/** How a person ends a run: the first signal cancels and tears down, the second explains, the third gives up. */
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
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const release = () => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  return { signal: controller.signal, release };
}

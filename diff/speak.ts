const DURATIONS: [string, number][] = [
  ["h", 3600e9],
  ["min", 60e9],
  ["s", 1e9],
  ["ms", 1e6],
  ["us", 1e3],
  ["ns", 1],
];
const SIZES: [string, number][] = [
  ["GiB", 1 << 30],
  ["MiB", 1 << 20],
  ["KiB", 1 << 10],
];

/** Nanoseconds for people, exactly: `1 min 30 s`, `250 ms`, `0 s`. */
export function spokenDuration(nanoseconds: number): string {
  let rest = nanoseconds;
  const parts = DURATIONS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.join(" ") || "0 s";
}

/** Bytes for people, exactly: `256 MiB`, `1,500 bytes`. */
export function spokenBytes(bytes: number): string {
  const [unit, size] = SIZES.find(([, candidate]) => bytes > 0 && bytes % candidate === 0) ?? ["", 0];
  if (unit) return `${bytes / size} ${unit}`;
  return `${bytes.toLocaleString("en-GB")} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** Processors for people: `0.5 CPU`. */
export function spokenCpus(nanoCpus: number): string {
  return `${nanoCpus / 1e9} CPU`;
}

/** Arguments as one line; one with white space or quotes is shown as JSON, so that it reads back unambiguously. */
export function spokenArguments(argv: readonly string[]): string {
  return argv.map((argument) => (/^[^\s"'\\]+$/.test(argument) ? argument : JSON.stringify(argument))).join(" ");
}

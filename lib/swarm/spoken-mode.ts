/** A file mode as people write it: `0444`. */
export function spokenMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

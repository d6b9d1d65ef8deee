import { renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a file that other processes read at any time: they find it as it was or as it is to be, never empty or half.
 *
 * @param mode of the file, whatever it was before. Default: 0o666 as the process's mask has it
 */
export function replaceFile(path: string, text: string, mode?: number): void {
  const draft = `${path}.${process.pid}`;
  try {
    // Of a process of that number that was killed: its mode would stay.
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { mode, flag: "wx" });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

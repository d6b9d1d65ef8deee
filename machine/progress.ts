/** Takes one line for a person, without a line break. */
export type Progress = (line: string) => void;

/** Default {@link Progress}: standard error, since standard output carries the answer. */
export const toStderr: Progress = (line) => {
  process.stderr.write(`${line}\n`);
};

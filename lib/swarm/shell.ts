/** Shells that images have, by their name or path. */
const SHELL = /(^|\/)(ba|da|a)?sh$/;

/** Whether a program is a shell, which runs the text behind `-c`. */
export function isShell(program: string): boolean {
  return SHELL.test(program);
}

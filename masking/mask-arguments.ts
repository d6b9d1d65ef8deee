import { endsSensitive, HIDDEN, isHarmless } from "./sensitive.ts";

/** How a program is told a password by an option that does not say so by its name. */
interface Program {
  name: RegExp;
  /** The option and its value are one argument: `-phunter2`. */
  joined?: string;
  /** The value is the next argument: `-a hunter2`. */
  apart?: readonly string[];
  /** The next argument is `user:password`. */
  login?: readonly string[];
}

const PROGRAMS: readonly Program[] = [
  { name: /^(?:mysql|mariadb)[\w-]*$/, joined: "-p" },
  { name: /^(?:redis|valkey|keydb)-(?:cli|benchmark)$/, apart: ["-a"] },
  { name: /^mongo\w*$/, apart: ["-p"] },
  { name: /^sshpass$/, joined: "-p", apart: ["-p"] },
  { name: /^ldap\w+$/, joined: "-w", apart: ["-w"] },
  { name: /^mosquitto_\w+$/, apart: ["-P"] },
  { name: /^curl$/, login: ["-u", "--user"] },
];

/** The arguments of a command, what follows an option for a password hidden. Nothing within an argument is looked at. */
export function maskedArguments(argv: readonly string[]): string[] {
  const reader = new ArgumentReader();
  return argv.map((argument) => reader.read(argument));
}

/** The same for a command written as one text; a quote that the secret opens is hidden to its end. */
export function maskedWords(text: string): string {
  const reader = new ArgumentReader();
  let quote: string | undefined;
  return text
    .split(/(\s+)/)
    .map((word, index) => {
      if (quote) {
        if (word.endsWith(quote)) quote = undefined;
        return "";
      }
      if (index % 2 === 1 || word === "") return word;
      const shown = reader.read(word);
      const [, opened, rest = ""] = /^(?:-\w)?(["'])(.*)$/s.exec(word) ?? [];
      if (shown !== word && opened && !rest.endsWith(opened)) quote = opened;
      return shown;
    })
    .join("");
}

/** Goes from argument to argument and remembers which program runs, and whether a secret comes next. */
class ArgumentReader {
  private program: Program | undefined;
  private next: "secret" | "login" | undefined;

  read(argument: string): string {
    const expected = this.next;
    this.next = undefined;
    const value = argument.replace(/^["']|["']$/g, "");
    if (expected && !value.startsWith("-") && !isHarmless(value)) {
      return expected === "login" ? argument.replace(/:.*$/s, `:${HIDDEN}`) : HIDDEN;
    }
    this.lookAt(value);
    const joined = this.program?.joined;
    if (!joined || !value.startsWith(joined) || isHarmless(value.slice(joined.length).replace(/^["']|["']$/g, ""))) {
      return argument;
    }
    return `${joined}${HIDDEN}`;
  }

  private lookAt(value: string): void {
    const name = value.slice(value.lastIndexOf("/") + 1).replace(/^[$`(]+/, "");
    const program = PROGRAMS.find((one) => one.name.test(name));
    if (program) this.program = program;
    else if (/^[;&|]+$|;$/.test(value)) this.program = undefined;
    const option = /^--?([\w.-]{1,120})$/.exec(value)?.[1];
    if (option === undefined) return;
    if (this.program?.login?.includes(value)) this.next = "login";
    else if (this.program?.apart?.includes(value) || endsSensitive(option)) this.next = "secret";
  }
}

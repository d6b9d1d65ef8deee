const MASK = "[secret]";

/** Takes known secret values out of everything that is shown or written. */
export class Redactor {
  private readonly values = new Set<string>();

  /** Remembers a secret. Values under 6 characters are not masked: they would take ordinary words with them. */
  add(value: string): void {
    for (const form of [value, value.trim(), Buffer.from(value).toString("base64"), encodeURIComponent(value)]) {
      if (form.length >= 6) this.values.add(form);
    }
  }

  /** A text without the secrets. Longer secrets go first, since one may contain another. */
  text(input: string): string {
    let output = input;
    for (const value of [...this.values].sort((a, b) => b.length - a.length)) output = output.replaceAll(value, MASK);
    return output;
  }

  /** A copy of plain data with every string redacted. */
  deep<T>(input: T): T {
    if (typeof input === "string") return this.text(input) as T;
    if (Array.isArray(input)) return input.map((item) => this.deep(item)) as T;
    if (input === null || typeof input !== "object") return input;
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, this.deep(value)])) as T;
  }
}

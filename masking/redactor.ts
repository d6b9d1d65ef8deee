const MASK = "[secret]";

/** Takes known secret values out of everything that is shown or written. */
export class Redactor {
  private readonly values = new Set<string>();

  /** Remembers a secret. Values under 6 characters are not masked: they would take ordinary words with them. */
  add(value: string): void {
    const encoded = encodeURIComponent(value.toWellFormed());
    const sentInForm = new URLSearchParams([["", value]]).toString().slice(1);
    for (const form of [value, value.trim(), Buffer.from(value).toString("base64"), encoded, sentInForm]) {
      if (form.length >= 6) this.values.add(form);
    }
  }

  /** A text without the secrets. Where several overlap, no part of any is left. */
  text(input: string): string {
    let output = "";
    let shown = 0;
    for (const { start, end } of this.places(input)) {
      if (start >= shown) output += `${input.slice(shown, start)}${MASK}`;
      shown = Math.max(shown, end);
    }
    return output + input.slice(shown);
  }

  /** Whether a text holds a secret. */
  hides(input: string): boolean {
    return this.places(input).length > 0;
  }

  /** A copy of plain data with every string redacted. */
  deep<T>(input: T): T {
    if (typeof input === "string") return this.text(input) as T;
    if (Array.isArray(input)) return input.map((item) => this.deep(item)) as T;
    if (input === null || typeof input !== "object") return input;
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, this.deep(value)])) as T;
  }

  /** Where secrets stand in a text, from its beginning on. */
  private places(input: string): { start: number; end: number }[] {
    const places: { start: number; end: number }[] = [];
    for (const value of this.values) {
      for (let start = input.indexOf(value); start >= 0; start = input.indexOf(value, start + 1)) {
        places.push({ start, end: start + value.length });
      }
    }
    return places.sort((a, b) => a.start - b.start);
  }
}

import { Catalogue } from "./catalogue/catalogue.ts";
import { Controls } from "./controls.ts";
import type { Machines } from "./machines.ts";

/** First id that is given away: no resource is mistaken for an entry of the catalogue. */
const FIRST_ID = 10_001;

/** What all projects share. */
export class World {
  readonly machines: Machines;
  readonly controls: Controls;
  readonly catalogue: Catalogue;
  /** Public addresses that somebody has, IPv4 and IPv6. */
  readonly addresses = new Set<string>();
  /** What went wrong in the background. */
  readonly troubles: unknown[] = [];
  readonly #end = new AbortController();
  readonly #background = new Set<Promise<unknown>>();
  #lastId = FIRST_ID - 1;

  constructor(machines: Machines) {
    this.machines = machines;
    this.controls = new Controls(this.#end.signal);
    this.catalogue = new Catalogue(this.controls);
  }

  /** An id that nothing else has, of whatever kind and project. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Now, as the API writes a time. */
  now(): string {
    return new Date().toISOString().replace(/\.\d+Z$/, "Z");
  }

  /** Goes on with something that no action waits for. What goes wrong is among the {@link troubles}. */
  inBackground(work: () => Promise<unknown>): void {
    const running = work().catch((error: unknown) => {
      if (!this.#end.signal.aborted) this.troubles.push(error);
    });
    this.#background.add(running);
    void running.finally(() => this.#background.delete(running));
  }

  /** Ends all waiting, and what goes on in the background. */
  async end(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#background);
  }
}

import { bytes } from "../lib/bytes.ts";
import { InfraError } from "../lib/errors.ts";
import { some } from "../lib/plural.ts";

const MIB = 1 << 20;

/** Bytes that apps have for their own data where nothing is known of what they need. */
const FOR_DATA = 512 * MIB;

/**
 * Bytes on the node's disk for one that comes: the archive itself, and what is unpacked of it meanwhile. Of images that
 * were measured, unpacked ones were 1.4 to 3.7 times their archives.
 */
const UNPACKED = 3.5;

/**
 * Room on the disk of a node for the images that a run still lacks: of base and head alike, since those of base stay
 * while head's come. Nothing is taken away to make room: what another run was just given looks as if nobody used it.
 */
export class DiskRoom {
  private readonly host: string;
  private readonly ask: () => Promise<number | undefined>;
  private asked: Promise<number | undefined> | undefined;
  private free: number | undefined;
  private readonly claims = new Map<string, number>();

  /** @param ask gives the bytes that are free, and undefined where nobody can tell: then there is room for everything */
  constructor(host: string, ask: () => Promise<number | undefined>) {
    this.host = host;
    this.ask = ask;
  }

  /** Looks how much there is, once, before the first of them comes. */
  async look(): Promise<void> {
    this.asked ??= this.ask();
    this.free = await this.asked;
  }

  /** Notes how large an image is where it is built. @throws InfraError where it and all others have no room together */
  build(image: string, mib: number): void {
    this.claim(image, mib * MIB);
  }

  /** Notes how much of an image is to be downloaded, as far as its registry has said. @throws InfraError as {@link build} */
  download(image: string, archives: number): void {
    this.claim(image, archives * UNPACKED);
  }

  private claim(image: string, size: number): void {
    this.claims.set(image, Math.max(size, this.claims.get(image) ?? 0));
    const needed = [...this.claims.values()].reduce((sum, one) => sum + one, 0);
    if (this.free === undefined || needed + FOR_DATA <= this.free) return;
    const largest = [...this.claims].sort(([, one], [, other]) => other - one);
    const named = some(largest.map(([name, one]) => `${name} ${bytes(one)}`));
    throw new InfraError(
      `the disk of the node at ${this.host} has ${bytes(this.free)} free; the images that the run still lacks take at least ${bytes(needed)} (${named}), and ${bytes(FOR_DATA)} are left to its apps' data`,
      { remedy: "free some space there, or take away what no run needs: npx recipe-ci prune" },
    );
  }
}

import { mkdir, readFile } from "node:fs/promises";
import { home } from "../../lib/home.ts";
import { replaceFile } from "../../lib/replace-file.ts";

/** What one order names. */
export interface Order {
  serverType: string;
  location: string;
}

/** Hetzner's words for what another location or type may be spared (github.com/hetznercloud/hcloud-go, error.go). */
const NO_ROOM = /\((?:resource_unavailable|placement_error|no_space_left_in_location)\b/;

/** Milliseconds for which an order that was refused is not tried again: room comes back as others' servers go. */
const REMEMBERED_MS = 30 * 60_000;

/** Whether an error says that there is no room for what was ordered, though it was offered. */
export function saysNoRoom(error: string): boolean {
  return NO_ROOM.test(error);
}

/** Puts down that Hetzner refused an order, for the next `up`. @param now milliseconds, as all times here */
export async function noteRefused(order: Order, now = Date.now()): Promise<void> {
  const known = await notes();
  await mkdir(home("hetzner"), { recursive: true, mode: 0o700 });
  replaceFile(file(), JSON.stringify({ ...known, [orderName(order)]: now }));
}

/** Tells of an order whether it was refused lately. */
export async function refusedLately(now = Date.now()): Promise<(order: Order) => boolean> {
  const known = await notes();
  return (order) => now - (known[orderName(order)] ?? Number.NEGATIVE_INFINITY) < REMEMBERED_MS;
}

/** Whether an order was refused since a time: an `up` that failed meanwhile is worth another one. */
export async function refusedSince(time: number): Promise<boolean> {
  return Object.values(await notes()).some((refused) => refused >= time);
}

function file(): string {
  return home("hetzner", "refused-offers.json");
}

/** An order for people. */
export function orderName({ serverType, location }: Order): string {
  return `${serverType} in ${location}`;
}

async function notes(): Promise<Record<string, number>> {
  const text = await readFile(file(), "utf8").catch(() => "{}");
  return JSON.parse(text) as Record<string, number>;
}

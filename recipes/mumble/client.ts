import type { TLSSocket } from "node:tls";
import { type AuthorContext, CheckFailure } from "recipe-ci";

// Mumble's protocol (mumble-voip/mumble, docs/dev/network-protocol): frames of a type, a length and a protobuf message.
const TYPES = { version: 0, authenticate: 2, reject: 4, serverSync: 5, channelState: 7, textMessage: 11 } as const;
const PORT = 64738;

export interface Channel {
  id: number;
  name: string;
  description: string;
}

/** Somebody who has come in: `serverSync` was received, and so all channels are known. */
export interface Visit {
  /** The server's own version, as `major.minor`. */
  version: string;
  channels: Channel[];
  /** Makes a channel below the root, or describes one that is there. */
  describe(channel: Partial<Channel>): void;
  /** Waits for what the server says next of a channel. */
  until(holds: (channels: Channel[]) => boolean): Promise<void>;
  /** Says something to all in the root channel. */
  say(message: string): void;
  /** Waits until somebody else has said it. */
  hear(message: string): Promise<void>;
  leave(): void;
}

/** Comes in under a name, with a password where that is asked for. @throws CheckFailure when the server refuses */
export async function visit(context: AuthorContext, name: string, password = ""): Promise<Visit> {
  const socket = await context.tls("app", PORT);
  const seen = { version: "", channels: new Map<number, Channel>(), heard: new Set<string>(), synced: false };
  const stream = frames(socket);
  const next = async () => {
    const { value, done } = await stream.next();
    if (done) throw new CheckFailure("the server ended the connection");
    if (value.type === TYPES.reject)
      throw new CheckFailure(`the server refuses ${name}: ${fields(value.message).get(2)}`);
    if (value.type === TYPES.version) seen.version = versionOf(fields(value.message));
    if (value.type === TYPES.channelState) note(seen.channels, fields(value.message));
    if (value.type === TYPES.textMessage) seen.heard.add(String(fields(value.message).get(5)));
    if (value.type === TYPES.serverSync) seen.synced = true;
  };
  const until = async (holds: () => boolean) => {
    const timer = setTimeout(() => socket.destroy(), 15_000);
    try {
      while (!holds()) await next();
    } finally {
      clearTimeout(timer);
    }
  };
  socket.write(frame(TYPES.version, [number(1, (1 << 16) | (5 << 8)), text(2, "recipe-ci")]));
  socket.write(frame(TYPES.authenticate, [text(1, name), ...(password ? [text(2, password)] : [])]));
  await until(() => seen.synced);
  return {
    version: seen.version,
    get channels() {
      return [...seen.channels.values()];
    },
    describe: ({ id, name: called, description }) => {
      const parts = [...(id === undefined ? [number(2, 0)] : [number(1, id)]), ...(called ? [text(3, called)] : [])];
      socket.write(frame(TYPES.channelState, [...parts, ...(description ? [text(5, description)] : [])]));
    },
    until: (holds) => until(() => holds([...seen.channels.values()])),
    say: (message) => socket.write(frame(TYPES.textMessage, [number(3, 0), text(5, message)])),
    hear: (message) => until(() => seen.heard.has(message)),
    leave: () => socket.destroy(),
  };
}

function note(channels: Map<number, Channel>, message: Map<number, number | string>): void {
  const id = Number(message.get(1) ?? 0);
  const known = channels.get(id) ?? { id, name: "", description: "" };
  const [name, description] = [message.get(3), message.get(5)];
  channels.set(id, {
    id,
    name: name === undefined ? known.name : String(name),
    description: description === undefined ? known.description : String(description),
  });
}

function versionOf(message: Map<number, number | string>): string {
  const version = Number(message.get(1) ?? 0);
  return `${version >> 16}.${(version >> 8) & 0xff}`;
}

async function* frames(socket: TLSSocket): AsyncGenerator<{ type: number; message: Buffer }, undefined> {
  let rest = Buffer.alloc(0);
  for await (const piece of socket) {
    rest = Buffer.concat([rest, piece as Buffer]);
    while (rest.length >= 6 && rest.length >= 6 + rest.readUInt32BE(2)) {
      const end = 6 + rest.readUInt32BE(2);
      yield { type: rest.readUInt16BE(0), message: rest.subarray(6, end) };
      rest = rest.subarray(end);
    }
  }
  return undefined;
}

function frame(type: number, parts: Buffer[]): Buffer {
  const message = Buffer.concat(parts);
  const head = Buffer.alloc(6);
  head.writeUInt16BE(type, 0);
  head.writeUInt32BE(message.length, 2);
  return Buffer.concat([head, message]);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

function text(field: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}

/** Numbers and texts of a message, by field; of a field that repeats, the last. */
function fields(message: Buffer): Map<number, number | string> {
  const found = new Map<number, number | string>();
  let at = 0;
  const take = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < message.length) {
    const key = take();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) found.set(field, take());
    else if (wire === 2) {
      const length = take();
      found.set(field, message.subarray(at, at + length).toString());
      at += length;
    } else at += wire === 5 ? 4 : 8;
  }
  return found;
}

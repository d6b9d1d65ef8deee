import fc from "fast-check";
import { expect, test } from "vitest";
import { Demultiplexer, interleaved } from "../../swarm/multiplexed.ts";

function frame(stream: number, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme", maxLength: 40 })));

test("output comes out whole and apart, however the stream is cut", () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 17 }), (parts, step) => {
      const bytes = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)));
      const output = new Demultiplexer();
      for (let at = 0; at < bytes.length; at += step) output.push(bytes.subarray(at, at + step));
      const text = (stream: number) => parts.flatMap(([one, body]) => (one === stream ? body : [])).join("");
      expect(output.stdout).toBe(text(1));
      expect(output.stderr).toBe(text(2));
    }),
  );
});

test("of much output the end is kept, of each stream by itself", () => {
  const output = new Demultiplexer(6);
  for (const text of ["one\n", "two\n", "six\n"]) output.push(frame(1, text));
  output.push(frame(2, "err\n"));
  expect([output.stdout, output.stderr]).toEqual(["six\n", "err\n"]);
});

test("logs keep the order of both streams", () => {
  const bytes = Buffer.concat([frame(1, "one\n"), frame(2, "two\n"), frame(1, "three\n")]);
  expect(interleaved(bytes)).toBe("one\ntwo\nthree\n");
});

test("text of a container with a terminal is given as it is", () => {
  expect(interleaved(Buffer.from("plain text\r\n"))).toBe("plain text\r\n");
});

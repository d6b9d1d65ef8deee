import { expect, test } from "vitest";
import { noRoom } from "../../swarm/converge/no-room.ts";

const none = (why: string) => `no suitable node (${why})`;
const SHORT = none("insufficient resources on 1 node");

test.each([
  [
    "a port of a task before",
    none("host-mode port already in use on 1 node"),
    true,
    /still has the port: set .*stop-first$/,
    "recipe",
  ],
  ["a port of another's", none("host-mode port already in use on 1 node"), false, /on 1 node\)$/, "recipe"],
  [
    "the only task that a node may have",
    none("max replicas per node limit exceed"),
    true,
    /still has its place/,
    "recipe",
  ],
  ["what the task before reserves", SHORT, true, /still has its place: set .*stop-first$/, "recipe"],
  ["what others reserve", SHORT, false, /what else runs there reserves it/, "infra"],
  ["a constraint", none("scheduling constraints not satisfied on 1 node"), true, /on 1 node\)$/, "recipe"],
] as const)("a task that no node takes for %s", (_, said, startsFirst, message, owner) => {
  expect(noRoom(said, startsFirst)).toEqual({ message: expect.stringMatching(message), owner });
});

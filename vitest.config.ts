import { defineConfig } from "vitest/config";
import { home } from "./lib/home.ts";
import { LongestFirst } from "./tests/longest-first.ts";

// Workers and all programs that they start, a thousand in a whole run, find what the last one compiled.
process.env.NODE_COMPILE_CACHE ??= home("engine", "node-compile-cache");

// A test that hangs ends then; how long one takes is never judged.
const live = { testTimeout: 900_000, hookTimeout: 900_000, expect: { poll: { timeout: 60_000 } } };

/** On two processors Vitest would have one worker, and put such files behind all others. */
const first = { maxWorkers: "100%", sequence: { groupOrder: 1 } };

/** The look-alike's servers as machines of this host. */
const REAL_SERVERS = ["machines", "node", "node-faults", "node-user-data"].map(
  (name) => `tests/hetzner/${name}.test.ts`,
);

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          setupFiles: "tests/unit/no-programs.ts",
          // They leave nothing behind in the process, whose modules are most of what a file costs.
          isolate: false,
          // A busy machine is no mistake.
          testTimeout: 60_000,
          ...first,
        },
      },
      {
        test: {
          name: "programs",
          include: ["tests/programs/**/*.test.ts"],
          isolate: false,
          testTimeout: 60_000,
          ...first,
        },
      },
      {
        // The look-alike of Hetzner's API with clients that were not written here; needs no node.
        test: {
          ...live,
          name: "hetzner",
          include: ["tests/hetzner/*.test.ts"],
          exclude: REAL_SERVERS,
          ...first,
        },
      },
      {
        // Three files at a time, each with a node of its own: a file uses little more than half a processor.
        test: {
          ...live,
          name: "live",
          include: ["tests/live/**/*.test.ts", ...REAL_SERVERS],
          setupFiles: "tests/live/own-node.ts",
          globalSetup: "tests/live/remove-own-node.ts",
          maxWorkers: 3,
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // They judge what is on the whole host: no node of another test may go on. `npm test` runs them beside the first.
        test: {
          ...live,
          name: "alone",
          include: ["tests/alone/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

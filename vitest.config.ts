import { defineConfig } from "vitest/config";

// Live tests share one node and one engine: one file at a time, with time for containers.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "live",
          include: ["tests/live/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          // Runs that go on side by side in one file mostly wait.
          maxConcurrency: 2,
        },
      },
    ],
  },
});

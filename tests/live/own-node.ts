import { enterHomeOfWorker } from "./node-of-worker.ts";

// Before each file of tests, in its worker.
await enterHomeOfWorker(process.env.VITEST_POOL_ID);

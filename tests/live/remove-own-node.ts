// Before all files of tests and after them, in the process that starts the workers.
export { removeHomesBeside as setup, removeHomesBeside as teardown } from "./node-of-worker.ts";

// After all files of tests, in the process that started the workers.
export { removeHomeBeside as teardown } from "./node-of-worker.ts";

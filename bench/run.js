import { launch } from "../lib/launch.js";

await launch(new URL("bench.ts", import.meta.url));

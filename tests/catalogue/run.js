import { launch } from "../../lib/launch.js";

await launch(new URL("main.ts", import.meta.url));

import { servePlugin } from "../plugin-server.ts";
import { languageHost } from "./service.ts";

// Arguments as the engine gives them: optional logging flags, then its own address.
const engineAddress = process.argv.at(-1) ?? "";
await servePlugin(languageHost(engineAddress));

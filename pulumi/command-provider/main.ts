import { servePlugin } from "../plugin-server.ts";
import { commandProvider } from "./service.ts";

// Arguments as the engine gives them: optional logging flags, then its own address.
await servePlugin(commandProvider(process.argv.at(-1) ?? ""));

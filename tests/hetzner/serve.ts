// The look-alike by hand: serves Hetzner's API with servers that boot on this host, until Ctrl-C takes all of it away.
import { once } from "node:events";
import { TOKEN } from "./api-client.ts";
import { Emulator } from "./emulator/emulator.ts";
import { ownPlace } from "./machines/own-place.ts";
import { RealMachines } from "./machines/real-machines.ts";

await using _place = await ownPlace();
await using machines = await RealMachines.start();
await using emulator = await Emulator.start(machines);
const project = emulator.addProject(TOKEN);
console.log(`export HCLOUD_ENDPOINT=${emulator.endpoint} HCLOUD_TOKEN=${TOKEN}`);
await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
const left = project.leftovers();
if (left.length > 0) console.log(`taken away: ${left.join(", ")}`);

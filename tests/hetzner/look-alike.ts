import { TOKEN } from "./api-client.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { ownPlace } from "./machines/own-place.ts";
import { RealMachines } from "./machines/real-machines.ts";

/** The look-alike with servers that boot, in a home of its own, and one project that {@link TOKEN} opens. */
export interface LookAlike extends AsyncDisposable {
  machines: RealMachines;
  emulator: Emulator;
  project: Project;
}

/** Starts it; what is half made when that fails is taken back. */
export async function startLookAlike(): Promise<LookAlike> {
  await using made = new AsyncDisposableStack();
  made.use(await ownPlace());
  const machines = made.use(await RealMachines.start());
  const emulator = made.use(await Emulator.start(machines));
  const project = emulator.addProject(TOKEN);
  const all = made.move();
  return { machines, emulator, project, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

import type { ExecResult } from "../../../lib/exec.ts";
import { until } from "../../../lib/until.ts";
import type { Emulator } from "../emulator/emulator.ts";
import type { Machines } from "../emulator/machines.ts";
import type { Project } from "../emulator/project.ts";
import type { NodeStack } from "../node-stack.ts";

/** Where a fault strikes. */
export interface Stage {
  emulator: Emulator;
  project: Project;
  /** What stands behind the look-alike. */
  machines: Machines;
  stack: NodeStack;
}

/** Something that goes wrong with a node at Hetzner, and what has to come of it. */
export interface Fault {
  /** For people, in docs/hetzner-faults.md. */
  what: string;
  /** What is done meanwhile. */
  doing: "preview" | "up" | "destroy" | "reap";
  /** Whether it is got over, or ends with an error. */
  comes: "borne" | "told";
  /** What is said. */
  says: RegExp;
  /** Whether servers have to boot for it. Default: nothing stands behind the API. */
  boots?: boolean;
  settings?: Readonly<Record<string, string>>;
  /** Strikes, and does what is done meanwhile. */
  act(stage: Stage): Promise<ExecResult>;
}

/** Ends once a server runs, as Hetzner says. */
export function running({ project }: Stage): Promise<number> {
  return until(
    async () => {
      const [server] = project.servers.all();
      return server?.status === "running" ? { done: true, value: server.id } : { done: false, reason: "none runs" };
    },
    { what: "a server", deadline: "2 min" },
  );
}

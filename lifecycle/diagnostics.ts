import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redactor } from "../masking/redactor.ts";
import type { Swarm } from "../swarm/client.ts";
import { describeTasks } from "../swarm/converge/describe-tasks.ts";
import { inventory } from "../swarm/inventory.ts";
import { serviceLogs } from "../swarm/logs.ts";
import type { Diagnostic } from "./result.ts";
import { reportFolder } from "./run-folder.ts";

const TAIL_LINES = 60;

/** Saves what a person would look at first, before any teardown: tasks with their errors, and logs per service. */
export async function saveDiagnostics(run: string, swarm: Swarm, redactor: Redactor): Promise<Diagnostic[]> {
  const { entries } = await inventory(swarm);
  const services = entries.filter((entry) => entry.kind === "service" && entry.run === run);
  const redact = (text: string) => redactor.text(text);
  const tasks = async (id: string) => redact(await describeTasks(swarm, id));
  const saved = await Promise.all(
    services.map(async (service) => [
      await save(run, `tasks of ${service.name}`, () => tasks(service.id)),
      await save(run, `logs of ${service.name}`, () => serviceLogs(swarm, service.id, { lines: 400, redact })),
    ]),
  );
  return saved.flat().filter((diagnostic) => diagnostic.tail.trim() !== "");
}

// A log that can't be had must not keep the others, or the teardown, from happening.
async function save(run: string, title: string, read: () => Promise<string>): Promise<Diagnostic> {
  const text = await read().catch((error: Error) => `could not be read: ${error.message}`);
  const file = `${title.replaceAll(/[^a-zA-Z0-9_-]+/g, "-")}.txt`;
  await writeFile(join(reportFolder(run), file), text);
  return { title, file, tail: text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n") };
}

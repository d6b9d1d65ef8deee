import type { Duration } from "../../lib/duration.ts";
import { InfraError, UserError } from "../../lib/errors.ts";
import { until } from "../../lib/until.ts";
import { type ApiAccess, ApiRefusal, ask } from "./api.ts";
import { calledBy, LABELLED_KINDS, type Labelled, labelled } from "./labelled.ts";

/** Refusals that end once what held the object is really gone. */
const STILL_HELD = ["resource_in_use", "service_error", "must_be_unassigned", "protected_by_server"];

export interface Removal {
  progress(text: string): void;
  /** What came later is left alone: somebody makes it just now. Default: all goes. */
  notAfter?: Date;
  /** How long a refusal that may end by itself is borne, for each object. Default: 2 minutes. */
  patience?: Duration;
}

/**
 * Deletes all that bears some labels, whoever made it and whether a state knows it, and waits until none of it is left.
 * What can't be deleted does not keep the rest from it.
 *
 * @throws UserError where Hetzner was told to protect something, before anything else goes; InfraError naming what is left
 */
export async function removeLabelled(
  access: ApiAccess,
  labels: Readonly<Record<string, string>>,
  removal: Removal,
): Promise<void> {
  // Of half a node nothing is kept that was worth keeping.
  for (const kind of LABELLED_KINDS) refuseProtected(await labelled(access, kind, selector(labels)));
  const failures: Error[] = [];
  for (const kind of LABELLED_KINDS)
    await removeKind(access, kind, labels, removal).catch((error: Error) => {
      if (!(error instanceof InfraError)) throw error;
      failures.push(error);
    });
  if (failures.length === 0) return;
  throw new InfraError(failures.map(({ message }) => message).join("\n"), {
    remedy: "destroy again, or delete them in the console",
    cause: failures[0],
  });
}

/** Equality of all labels, as the API selects. */
export function selector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

async function removeKind(
  access: ApiAccess,
  kind: string,
  labels: Readonly<Record<string, string>>,
  removal: Removal,
): Promise<void> {
  const { notAfter, progress } = removal;
  const concerned = async () => {
    const all = await labelled(access, kind, selector(labels));
    return all.filter(({ created }) => !notAfter || !created || created <= notAfter);
  };
  const failures: Error[] = [];
  for (const one of await concerned()) {
    progress(`removing ${calledBy(one)}`);
    await remove(access, one, removal).catch((error: Error) => {
      if (!(error instanceof InfraError)) throw error;
      failures.push(error);
    });
  }
  if (failures.length > 0) throw new InfraError(failures.map(({ message }) => message).join("\n"));
  await until(
    async () => {
      const left = await concerned();
      return left.length === 0
        ? { done: true, value: undefined }
        : { done: false, reason: `${left.map(calledBy).join(", ")} still there` };
    },
    { what: `removal of all ${kind}`, deadline: "5 min", every: "500 ms" },
  ).catch((error: Error) => {
    throw error instanceof InfraError ? error : new InfraError(error.message, { cause: error });
  });
}

function refuseProtected(all: readonly Labelled[]): void {
  const kept = all.find((one) => one.protected);
  if (!kept) return;
  throw new UserError(`Hetzner protects ${calledBy(kept)} from being deleted, as it was told`, {
    place: { key: "recipe-ci:protect" },
    remedy: "pulumi config rm protect, then up, then destroy again",
  });
}

async function remove(access: ApiAccess, one: Labelled, { patience }: Removal): Promise<void> {
  try {
    await ask(access, `DELETE ${one.path}`, { passing: STILL_HELD, patience });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw new InfraError(`${calledBy(one)}: ${(error as Error).message}`);
    if (error.status !== 404) throw error;
  }
}

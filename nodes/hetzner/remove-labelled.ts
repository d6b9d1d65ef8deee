import { InfraError, UserError } from "../../lib/errors.ts";
import { until } from "../../lib/until.ts";
import { type ApiAccess, ApiRefusal, ask, list } from "./api.ts";

/** What can bear labels, in an order in which it can be deleted: servers hold all the others. */
const KINDS = [
  "servers",
  "load_balancers",
  "volumes",
  "primary_ips",
  "floating_ips",
  "firewalls",
  "placement_groups",
  "networks",
  "certificates",
  "ssh_keys",
] as const;

interface Labelled {
  id: number;
  name: string;
}

/** Refusals that end once what held the object is really gone. */
const STILL_HELD = ["resource_in_use", "service_error", "must_be_unassigned", "protected_by_server"];

/**
 * Deletes all that bears some labels, whoever made it and whether a state knows it, and waits until none of it is left.
 *
 * @throws UserError where Hetzner was told to protect something; InfraError naming what is left
 */
export async function removeLabelled(
  access: ApiAccess,
  labels: Readonly<Record<string, string>>,
  progress: (text: string) => void,
): Promise<void> {
  const query = { label_selector: selector(labels) };
  for (const kind of KINDS) {
    for (const one of await listed(access, kind, query)) {
      progress(`removing ${kind.replaceAll("_", " ").replace(/s$/, "")} ${one.name}`);
      await remove(access, kind, one);
    }
    await until(
      async () => {
        const left = await listed(access, kind, query);
        return left.length === 0
          ? { done: true, value: undefined }
          : { done: false, reason: `${kind} ${left.map(({ name }) => name).join(", ")} are there` };
      },
      { what: `removal of all ${kind}`, deadline: "5 min", every: "500 ms" },
    ).catch((error: Error) => {
      throw new InfraError(error.message, { remedy: "destroy again, or delete them in the console", cause: error });
    });
  }
}

/** Equality of all labels, as the API selects. */
export function selector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

async function remove(access: ApiAccess, kind: string, { id, name }: Labelled): Promise<void> {
  try {
    await ask(access, `DELETE /${kind}/${id}`, { passing: STILL_HELD });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    if (error.code === "protected")
      throw new UserError(`Hetzner protects ${name} from being deleted, as it was told`, {
        place: { key: "recipe-ci:protect" },
        remedy: "pulumi config rm protect, then up, then destroy again",
      });
    if (error.status !== 404) throw error;
  }
}

/** A kind that the API does not have has no objects. */
async function listed(access: ApiAccess, kind: string, query: Record<string, string>): Promise<Labelled[]> {
  try {
    return await list<Labelled>(access, kind, query);
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return [];
    throw error;
  }
}

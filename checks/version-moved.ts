import type { AppSpec } from "../compose/app-spec.ts";
import { imageName, shortName } from "../compose/convert/image-name.ts";
import { endsByItself, hasContainers } from "../compose/convert/lasting.ts";
import { AREA_WORDS } from "../diff/change.ts";
import { changesOfSwarm, diffApps } from "../diff/diff-apps.ts";
import { findService } from "../swarm/services.ts";
import type { CheckFunction } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";

/**
 * The upgrade really moved the app: what head asks for differs from base, what runs is what head asks for, and
 * each service was updated in place, not made anew. A no-op upgrade proves nothing and fails.
 *
 * @param how `anew`: base was undeployed before. Default: `in place`
 */
export function versionMoved(base: AppSpec, head: AppSpec, how: "in place" | "anew" = "in place"): CheckFunction {
  return async (context) => {
    const changes = whatChanged(base, head);
    assertChanges(changes, base, head);
    const [still] = standsStill(base, head);
    if (still)
      throw new CheckFailure(`${still} ran in base, and head asks for no container of it (deploy.replicas: 0)`);
    const images: Record<string, string> = {};
    for (const service of head.services) {
      const running = await findService(context.swarm, service.name);
      if (!running) throw new CheckFailure(`there is no service ${service.name}`);
      images[service.key] = running.image;
      if (tagged(running.image) !== tagged(service.image)) {
        throw new CheckFailure(`${service.name} runs ${running.image}, head asks for ${service.image}`);
      }
      const existed = base.services.find((candidate) => candidate.name === service.name);
      if (
        how === "in place" &&
        existed &&
        !running.updatedInPlace &&
        JSON.stringify(existed) !== JSON.stringify(service)
      ) {
        throw new CheckFailure(`${service.name} was made anew instead of updated in place`);
      }
    }
    const dropped = base.services.filter((old) => !head.services.some((service) => service.name === old.name));
    return {
      summary: `${base.version ?? base.commit.slice(0, 8)} -> ${head.version ?? head.commit.slice(0, 8)}: ${changes.join(", ")}`,
      details: { changes, images, dropped: dropped.map((service) => service.key) },
    };
  };
}

function assertChanges(changes: readonly string[], base: AppSpec, head: AppSpec): void {
  if (!changes.every((area) => area === AREA_WORDS.version)) return;
  const but = changes.length > 0 ? " but the version label" : "";
  throw new CheckFailure(
    `the upgrade changes nothing${but}: head (${head.commit.slice(0, 8)}) asks for the same as base ${base.version ?? base.commit.slice(0, 8)}`,
    { details: { base: base.version, head: head.version } },
  );
}

/** Names of services that ran in base, and of which head has no container, nor anything that would start one. */
export function standsStill(base: AppSpec, head: AppSpec): string[] {
  const ran = (name: string) => base.services.some((service) => service.name === name && hasContainers(service));
  const still = head.services.filter(
    (service) => !hasContainers(service) && !endsByItself(service) && ran(service.name),
  );
  return still.map(({ name }) => name);
}

/** What differs between two versions of a recipe, as short words for a person. */
export function whatChanged(base: AppSpec, head: AppSpec): string[] {
  const areas = changesOfSwarm(diffApps(base, head)).map(({ area }) => area);
  return [...new Set(areas)].map((area) => AREA_WORDS[area]);
}

/** What the Swarm was asked for: the digest it adds says nothing of the recipe. */
function tagged(image: string): string {
  const { name, tag = "latest" } = imageName(image);
  return `${shortName(name)}:${tag}`;
}

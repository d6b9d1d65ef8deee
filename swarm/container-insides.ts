import { asInfra, type Engine, found } from "./client.ts";
import type { Placed } from "./exec.ts";

/** Volumes without a name, which Docker makes for what an image declares and nobody mounts, are called by 64 digits. */
const ANONYMOUS = /^[0-9a-f]{64}$/;
/** Kind of a change of a container's own file system: added (Engine API, ContainerChanges). */
const ADDED = 1;

/** What a running container has besides the volumes of its service. */
export interface ContainerInsides {
  /** Paths of its anonymous volumes: they are lost with the container. */
  anonymous: string[];
  /** Its environment, what the image sets included. */
  env: Record<string, string>;
}

/** Mounts and environment of a container. @throws InfraError when the engine does not tell */
export async function insidesOf({ engine, id }: Placed): Promise<ContainerInsides> {
  const info = await asInfra(engine, engine.docker.getContainer(id).inspect());
  const mounts: { Type?: string; Name?: string; Destination: string }[] = info.Mounts;
  // Null for an image without a variable, of a service without one.
  const variables: string[] | null = info.Config.Env;
  const env = (variables ?? []).map((line) => {
    const sign = line.indexOf("=");
    return [line.slice(0, sign), line.slice(sign + 1)] as const;
  });
  return {
    anonymous: mounts.filter(({ Name = "" }) => ANONYMOUS.test(Name)).map(({ Destination }) => Destination),
    env: Object.fromEntries(env),
  };
}

interface Change {
  Path: string;
  Kind: number;
}

/** What is being asked, by container: an engine walks through all files of image and container for it. */
const asking = new Map<string, Promise<readonly Change[]>>();

/** Files below a path that the container made in its own file system, which is lost with it. */
export async function writtenBelow(container: Placed, path: string): Promise<string[]> {
  const asked = asking.get(container.id) ?? changesOf(container).finally(() => asking.delete(container.id));
  asking.set(container.id, asked);
  const changes = await asked;
  return changes.filter(({ Path, Kind }) => Kind === ADDED && Path.startsWith(`${path}/`)).map(({ Path }) => Path);
}

async function changesOf({ engine, id }: Placed): Promise<readonly Change[]> {
  const changes: unknown = await asInfra(engine, engine.docker.getContainer(id).changes());
  // Of no change at all the engine says null, for which the client gives the bytes of the answer.
  return Array.isArray(changes) ? changes : [];
}

/** The user that a container begins as, by the service or else the image; empty: root. */
export async function startUser({ engine, id }: Placed): Promise<string> {
  const info = await asInfra(engine, engine.docker.getContainer(id).inspect());
  return info.Config.User;
}

/** The users and groups that a container's processes run as. */
export interface ProcessUsers {
  uids: Set<number>;
  gids: Set<number>;
}

/** As the node sees them: without user namespaces these are the numbers that own files in volumes. */
export async function processUsers({ engine, id }: Placed): Promise<ProcessUsers> {
  const top: { Processes: string[][] } = await asInfra(
    engine,
    engine.docker.getContainer(id).top({ ps_args: "-eo pid,uid,gid,supgid" }),
  );
  const uids = new Set<number>();
  const gids = new Set<number>();
  for (const [, uid, gid, supplementary = ""] of top.Processes) {
    uids.add(Number(uid));
    for (const one of [gid, ...supplementary.split(",")]) if (/^\d+$/.test(one ?? "")) gids.add(Number(one));
  }
  return { uids, gids };
}

/** What an image says of itself, as far as data are concerned; undefined where the engine does not have it. */
export interface ImageInsides {
  /** Paths it declares as volumes. */
  volumes: string[];
  /** User it runs as; empty: root. */
  user: string;
}

/** What an image on this engine says. */
export async function imageInsides(engine: Engine, image: string): Promise<ImageInsides | undefined> {
  const info = await asInfra(engine, found(engine.docker.getImage(image).inspect()));
  return info && { volumes: Object.keys(info.Config.Volumes ?? {}), user: info.Config.User ?? "" };
}

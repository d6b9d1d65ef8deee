import { InfraError, UserError } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import { type EngineInfo, EngineUnreachable, engineInfo, engineRequest } from "./engine-api.ts";
import { initSwarm, PROXY_NETWORK, swarmFailed, waitReady } from "./swarm.ts";

/** Label that says which Pulumi stack made something in a Swarm of others, and so may remove it. */
export const OWNER_LABEL = "recipe-ci.owner";

/**
 * Path of the socket in `DOCKER_HOST`, else Docker's usual one.
 *
 * @throws UserError for an engine that is not on this host.
 */
export function existingSocket(dockerHost = process.env.DOCKER_HOST || "unix:///var/run/docker.sock"): string {
  const path = dockerHost.startsWith("unix://") ? dockerHost.slice("unix://".length) : "";
  if (path.startsWith("/")) return path;
  throw new UserError(`DOCKER_HOST is "${dockerHost}", and only an engine on this host can be used`, {
    remedy: "set it to a socket, such as unix:///var/run/docker.sock, or unset it",
  });
}

/**
 * What an engine that others own says of itself, after a look that it can be used as a node.
 *
 * @param mayInit whether an engine outside any Swarm is all right, since it will be made a Swarm
 * @throws UserError saying what to do where it can't be used.
 */
export async function checkExistingEngine(socket: string, mayInit: boolean): Promise<EngineInfo> {
  const info = await engineInfo(socket).catch((error: unknown) => {
    if (!(error instanceof EngineUnreachable)) throw error;
    throw new UserError(`no Docker Engine answers: ${error.message}`, {
      remedy: "start it, see that you may use its socket, or set DOCKER_HOST",
      cause: error,
    });
  });
  const { LocalNodeState: state, ControlAvailable } = info.Swarm;
  if (state === "inactive" && mayInit) return info;
  if (state !== "active")
    throw new UserError(`the Docker Engine is not in a Swarm (${state})`, {
      remedy: "run docker swarm init, or let recipe-ci do it: npx recipe-ci pulumi config set initSwarm true -s local",
    });
  if (!ControlAvailable)
    throw new UserError("the Docker Engine is a worker of its Swarm", { remedy: "use an engine that is a manager" });
  return info;
}

/** Makes an engine that is in no Swarm the manager of a new one; leaves one that is as it is. */
export async function ensureExistingSwarm(socket: string): Promise<EngineInfo> {
  const info = await checkExistingEngine(socket, true);
  // Loopback: nobody else is to join, and an address of the host may change.
  if (info.Swarm.LocalNodeState === "inactive") await initSwarm(socket, "127.0.0.1");
  await waitReady(socket);
  return engineInfo(socket);
}

/**
 * Who made the network `proxy`: this stack, somebody else, or nobody yet.
 *
 * @throws InfraError when a network of another kind has the name.
 */
export async function proxyOwner(socket: string, owner: string): Promise<"us" | "other" | "nobody"> {
  const { status, body } = await engineRequest<{ Driver?: string; Labels?: Record<string, string> | null }>(
    socket,
    "GET",
    `/networks/${PROXY_NETWORK}`,
  );
  if (status === 404) return "nobody";
  if (status !== 200) throw new InfraError(`Docker Engine: network ${PROXY_NETWORK}: status ${status}`);
  if (body.Driver !== "overlay")
    throw new InfraError(`the network ${PROXY_NETWORK} is a ${body.Driver} network, not an overlay`, {
      remedy: `remove it: docker network rm ${PROXY_NETWORK}`,
    });
  return body.Labels?.[OWNER_LABEL] === owner ? "us" : "other";
}

/** Whose the service of that name is, by the label of who made it. */
export async function serviceOwner(socket: string, name: string, owner: string): Promise<"us" | "other" | "nobody"> {
  const { status, body } = await engineRequest<{ Spec?: { Labels?: Record<string, string> | null } }>(
    socket,
    "GET",
    `/services/${name}`,
  );
  // 503: the engine is in no Swarm.
  if (status === 404 || status === 503) return "nobody";
  if (status !== 200) throw new InfraError(`Docker Engine: service ${name}: status ${status}`);
  return body.Spec?.Labels?.[OWNER_LABEL] === owner ? "us" : "other";
}

/**
 * Removes what `owner` made: its services, secrets, configs, and the network `proxy`. One of others stays.
 * @throws InfraError while something else is on that network
 */
export async function removeOwn(socket: string, owner: string): Promise<void> {
  for (const kind of ["services", "secrets", "configs"]) {
    for (const { ID } of await ownedBy(socket, owner, kind)) await engineRequest(socket, "DELETE", `/${kind}/${ID}`);
  }
  if ((await proxyOwner(socket, owner)) !== "us") return;
  // A service lets go of it once its last container has ended, and until then the engine knows it.
  await until(
    async () => {
      const path = `/networks/${PROXY_NETWORK}`;
      const { body } = await engineRequest<{ message?: string }>(socket, "DELETE", path);
      const { status } = await engineRequest(socket, "GET", path);
      return status === 404
        ? { done: true, value: undefined }
        : { done: false, reason: body?.message ?? "it is there" };
    },
    { what: `the network ${PROXY_NETWORK} is removed`, deadline: "30 s" },
  ).catch(swarmFailed);
}

async function ownedBy(socket: string, owner: string, kind: string): Promise<{ ID: string }[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${OWNER_LABEL}=${owner}`] }));
  const { status, body } = await engineRequest<{ ID: string }[]>(socket, "GET", `/${kind}?filters=${filters}`);
  return status === 200 ? body : [];
}

import type { IssuedClient } from "../checks/sign-on/sign-on.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import type { SettledSignOn } from "../recipes/settle.ts";

/** An app whose services have the client's id that its provider gave, where that is known already. */
export function withClientIds(
  app: AppSpec,
  signsOn: Pick<SettledSignOn, "client" | "idToCome"> | undefined,
  clients: ReadonlyMap<string, IssuedClient>,
): AppSpec {
  const id = signsOn && clients.get(signsOn.client)?.id;
  if (id === undefined || signsOn?.idToCome === undefined) return app;
  const { idToCome } = signsOn;
  const filled = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(idToCome, id));
  return { ...app, services: app.services.map((one) => (mentions(one, idToCome) ? filled(one) : one)) };
}

/**
 * Whether a client's id that is not known yet stands elsewhere than in environments, commands and labels of services,
 * into which it comes: all else has its name before.
 */
export function namesClientId({ services, networks, volumes, secrets }: AppSpec, idToCome: string): boolean {
  const names = services.map((one) => [one.name, one.image, one.mounts, one.secrets, one.configs, one.networks]);
  return mentions([networks, volumes, secrets, names], idToCome);
}

function mentions(value: unknown, text: string): boolean {
  return JSON.stringify(value).includes(text);
}

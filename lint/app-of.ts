import type { AppSpec } from "../compose/app-spec.ts";
import { convertVolumes } from "../compose/convert/mounts.ts";
import type { RecipeState } from "./recipe-state.ts";

/** The app as far as lint can know it: services and volumes, no secrets, configs or networks. */
export function appOf(state: RecipeState): AppSpec {
  const services = [...state.services];
  const { namespace, commit } = state;
  const volumes = convertVolumes(state.merged ?? {}, services, namespace);
  const rest = { networks: [], secrets: [], configs: [], warnings: [], timeoutSeconds: 0, recipe: "" };
  return { ...rest, commit, namespace, services, volumes };
}

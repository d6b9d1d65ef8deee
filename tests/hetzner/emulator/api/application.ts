import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { CATALOGUE_ROUTES } from "../catalogue/routes.ts";
import type { Grant } from "../emulator.ts";
import { FIREWALL_ROUTES } from "../resources/firewalls.ts";
import { ACTION_ROUTES } from "../resources/kind.ts";
import { NETWORK_ROUTES } from "../resources/networks.ts";
import { PLACEMENT_GROUP_ROUTES } from "../resources/placement-groups.ts";
import { PRIMARY_IP_ROUTES } from "../resources/primary-ips.ts";
import { RRSET_ROUTES } from "../resources/rrsets.ts";
import { SERVER_ROUTES } from "../resources/servers.ts";
import { SSH_KEY_ROUTES } from "../resources/ssh-keys.ts";
import { VOLUME_ROUTES } from "../resources/volumes.ts";
import { ZONE_ROUTES } from "../resources/zones.ts";
import type { World } from "../world.ts";
import { ApiError, notFound } from "./api-error.ts";
import { Call, type Route } from "./route.ts";

/** A request that was answered. */
export interface AnsweredRequest {
  method: string;
  /** Below `/v1`. */
  path: string;
  status: number;
}

const ROUTES: readonly Route[] = [
  ...ACTION_ROUTES,
  ...CATALOGUE_ROUTES,
  ...SSH_KEY_ROUTES,
  ...NETWORK_ROUTES,
  ...FIREWALL_ROUTES,
  ...PLACEMENT_GROUP_ROUTES,
  ...PRIMARY_IP_ROUTES,
  ...SERVER_ROUTES,
  ...VOLUME_ROUTES,
  ...ZONE_ROUTES,
  ...RRSET_ROUTES,
];

type FindGrant = (token: string) => Grant | undefined;

/** The API as an application: who asks, how often, and what; every refusal in the API's own words. */
export function api(world: World, findGrant: FindGrant, answered: AnsweredRequest[]) {
  const app = new Hono<{ Variables: { grant: Grant } }>();
  app.use(async (context, next) => {
    const { method, path } = context.req;
    await next();
    context.header("X-Correlation-Id", randomUUID());
    answered.push({ method, path: path.replace(/^\/v1/, ""), status: context.res.status });
  });
  app.use(async (context, next) => {
    const grant = authenticate(context.req.header("Authorization"), findGrant);
    context.set("grant", grant);
    const { method, path } = context.req;
    const refusal = world.controls.refusalOf(`${method} ${path.replace(/^\/v1/, "")}`);
    if (refusal) throw refusal;
    grant.project.rateLimit.take();
    if (grant.access === "read" && method !== "GET")
      throw new ApiError(401, "token_readonly", "the token is only allowed to perform GET requests");
    await next();
    for (const [name, value] of Object.entries(grant.project.rateLimit.headers())) context.header(name, value);
  });
  for (const { method, path, handle } of ROUTES)
    app.on(method, `/v1${path}`, async (context) => {
      const { project } = context.get("grant");
      const url = new URL(context.req.url);
      const call = new Call({ world, project, url, params: context.req.param(), body: await context.req.text() });
      const answer = handle(call);
      for (const [name, value] of Object.entries(answer.headers ?? {})) context.header(name, value);
      return answer.status === 204 ? context.body(null, 204) : context.json(answer.body ?? {}, answer.status);
    });
  app.notFound((context) => refuse(notFound(`${context.req.method} ${context.req.path}`)));
  app.onError((error) => refuse(error));
  return app;
}

function authenticate(header: string | undefined, findGrant: FindGrant): Grant {
  const grant = findGrant(/^Bearer (\S+)$/.exec(header ?? "")?.[1] ?? "");
  if (!grant) throw new ApiError(401, "unauthorized", "unable to authenticate");
  return grant;
}

/** What is no refusal is a mistake in here: its stack is what a test needs to see. */
function refuse(error: Error): Response {
  if (error instanceof ApiError) return Response.json(error.body, { status: error.status, headers: error.headers });
  const fault = new ApiError(500, "server_error", error.stack ?? error.message);
  return Response.json(fault.body, { status: 500 });
}

import type { AppSpec } from "../../compose/app-spec.ts";
import { httpRoutes } from "../../compose/labels/http-routes.ts";
import { asTraefikReads } from "../../compose/labels/traefik-labels.ts";

const MIDDLEWARE = /^traefik\.http\.middlewares\.([^.]+)\.(.+)$/;
/** By its names in Traefik 3 and before, which it takes still. */
const ALLOW_LIST = /^ip(?:allow|white)list\./;

/**
 * Who keeps us from what a router leads to, though all is well: a list of addresses, which are those of operators'
 * users, or a sign-on that is no part of the app (`forwardauth`), which has its users. Undefined where nobody does.
 */
export function guardOf(
  app: AppSpec,
  { key, port }: { key: string; port: number },
): "addresses" | "sign-on" | undefined {
  const services = asTraefikReads(app);
  const settings = services.flatMap(({ labels }) =>
    Object.entries(labels).flatMap(([label, value]) => {
      const [, name = "", setting = ""] = MIDDLEWARE.exec(label) ?? [];
      return name ? [{ name, setting, value }] : [];
    }),
  );
  const used = new Set(
    httpRoutes(app)
      .filter((route) => route.service === key && route.port === port)
      .flatMap(({ middlewares }) => middlewares.map(bare)),
  );
  // One of a chain is added while the set is gone through.
  for (const name of used)
    for (const one of settings)
      if (one.name === name && one.setting === "chain.middlewares")
        for (const link of one.value.split(",")) used.add(bare(link));
  const mine = settings.filter(({ name }) => used.has(name));
  if (mine.some(({ setting }) => ALLOW_LIST.test(setting))) return "addresses";
  const own = app.services.flatMap((one) => [one.key, one.name, ...one.networks.flatMap(({ aliases }) => aliases)]);
  const asked = mine.filter(({ setting }) => setting === "forwardauth.address").map(({ value }) => value);
  const isElsewhere = (url: string) => URL.canParse(url) && !own.includes(new URL(url).hostname);
  return asked.some(isElsewhere) ? "sign-on" : undefined;
}

function bare(name: string): string {
  return name.trim().replace(/@swarm$/, "");
}

/** Whether an answer may be the guard's instead of the app's. */
export function isKeptOut(guard: ReturnType<typeof guardOf>, status: number): boolean {
  if (guard === "addresses") return status === 403;
  // Its login, its refusal, or Traefik's own 500 where it is not there.
  return guard === "sign-on" && (status >= 300 || status === 0);
}

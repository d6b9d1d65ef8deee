import { expect, test } from "vitest";
import type { Overlay } from "../../recipes/define-recipe.ts";
import { withOverlays } from "../../stacks/overlays.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const MINUTE = 60e9;
const app = serviceSpec({ key: "app", image: "ghost:5", healthcheck: { test: ["CMD", "true"], startPeriod: MINUTE } });
const db = serviceSpec({ key: "db", image: "mysql:8.0", healthcheck: undefined });
const recipe = appSpec({ services: [app, db], warnings: ["one of its own"] });
const FILE = "recipes/ghost/ci.ts";

test("CI's start period and image take the place of the recipe's, and a run says so", () => {
  const overlays: Record<string, Overlay> = {
    app: { startPeriod: "15 min", reason: "the first start makes the database" },
    db: { image: "mysql:8.0.45", reason: "8.0 is pulled no more" },
    gone: { image: "redis:7", reason: "only base has it" },
  };
  const { services, warnings } = withOverlays(recipe, "ghost", overlays);
  expect(services).toEqual([
    { ...app, healthcheck: { test: ["CMD", "true"], startPeriod: 15 * MINUTE } },
    { ...db, image: "mysql:8.0.45" },
  ]);
  expect(warnings).toEqual([
    "one of its own",
    `${FILE} overlays.app.startPeriod: 15 min in place of the recipe's 1 min 00 s: the first start makes the database`,
    `${FILE} overlays.db.image: mysql:8.0.45 in place of the recipe's mysql:8.0: 8.0 is pulled no more`,
  ]);
});

test("without overlays a recipe is what was published", () => {
  expect(withOverlays(recipe, "ghost")).toBe(recipe);
});

test.each<[string, string, Partial<Overlay>, string]>([
  ["without a reason", "app", { image: "ghost:6" }, "it gives no reason"],
  ["that changes nothing", "app", { reason: "x" }, "it changes nothing"],
  ["for a health check that is not there", "db", { startPeriod: "1 min", reason: "x" }, "there is no health check"],
  ["whose time is none", "app", { startPeriod: "15m" as "15 min", reason: "x" }, '"15m" is no duration'],
])("an overlay %s is refused", (_, key, overlay, why) => {
  expect(() => withOverlays(recipe, "ghost", { [key]: overlay as Overlay })).toThrow(why);
});

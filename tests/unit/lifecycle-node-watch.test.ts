import { expect, test } from "vitest";
import { DeadlineError } from "../../lib/until.ts";
import { isTooLate } from "../../lifecycle/node-watch.ts";

test.each([
  new DeadlineError("GET https://wiki.ci.test/", 30_000, "status 502", "recipe").message,
  "wiki_ci_test_app: not at rest within 5 min 00 s: wiki_ci_test_app: 0/1 tasks run, one is starting",
  "not done within 2 min 00 s",
  "the browser is not done within 1 min 45 s",
  "sleep in container 5db04fdb58e5: not finished within 30.0 s",
  "POST /admin/realms: no answer within 30 s",
  "locator.click: Timeout 15000ms exceeded.",
  "wiki_ci_test_app: its container is unhealthy: connect: Connection refused",
])("a wait was in vain: %s", (said) => {
  expect(isTooLate(said)).toBe(true);
});

test.each([
  "GET /: status 500, accepted: 200",
  "the snapshot holds no row seed-row-1a2b within backup.sql.gz",
  "wiki_ci_test_app: its program ended with exit code 1",
])("something else is wrong: %s", (said) => {
  expect(isTooLate(said)).toBe(false);
});

import { describe, expect, test } from "vitest";
import { afterPatience } from "../../checks/converged.ts";
import { saidTimeout, timeoutSeconds } from "../../compose/labels/app-labels.ts";
import { serviceSpec } from "../fixtures/spec.ts";

describe("an app that runs later than abra waits", () => {
  test("is told with the time that was seen, and what ends the wait", () => {
    expect(afterPatience(21_400, { seconds: 8, said: true }, "wiki")).toBe(
      "every service runs, after 21.4 s, and abra waits for 8 s (label coop-cloud.wiki.timeout, TIMEOUT in .env.sample): operators are told that the deployment failed",
    );
    expect(afterPatience(61_000, { seconds: 50, said: false }, "wiki")).toMatch(
      /abra waits for 50 s \(where no label coop-cloud\.wiki\.timeout says more\)/,
    );
  });

  test("is none that runs in time", () => {
    expect(afterPatience(8000, { seconds: 8, said: true }, "wiki")).toBeUndefined();
  });
});

test.each([
  ["", undefined, 50],
  ["300", 300, 300],
  ["+90", 90, 90],
  ["0", 0, 50],
  ["5m", undefined, 50],
])("the label timeout=%j says %s, and abra waits for %s s at least here", (text, said, waits) => {
  const services = [serviceSpec({ labels: { "coop-cloud.wiki.timeout": text } })];
  expect([saidTimeout(services, "wiki"), timeoutSeconds(services, "wiki")]).toEqual([said, waits]);
});

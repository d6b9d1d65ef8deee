import { describe, expect, test } from "vitest";
import { afterPatience, slowest } from "../../checks/converged.ts";
import { saidTimeout, timeoutSeconds } from "../../compose/labels/app-labels.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

describe("an app that runs later than abra waits", () => {
  test("is told with the time that was seen, and what ends the wait", () => {
    expect(afterPatience(21_400, { seconds: 8, said: true }, "wiki")).toBe(
      "every service runs, after 21.4 s, and abra waits for 8 s (label coop-cloud.wiki.timeout, TIMEOUT in .env.sample): operators are told that the deployment failed",
    );
    expect(afterPatience(61_000, { seconds: 50, said: false }, "wiki")).toMatch(
      /abra waits for 50 s \(where no label coop-cloud\.wiki\.timeout says more\)/,
    );
  });

  test("is judged by the service that takes longest, not by what was there before or a job", () => {
    const at = (second: number) => new Date(second * 1000).toISOString();
    const task = (made: number, ready: number) => {
      return { id: "t", createdAt: at(made), readyAt: at(ready), containerMs: (ready - made) * 1000 };
    };
    const job = serviceSpec({ key: "job", mode: { kind: "replicated-job", totalCompletions: 1, maxConcurrent: 1 } });
    const app = appSpec({ services: ["db", "app"].map((key) => serviceSpec({ key })).concat(job) });
    const services = [
      { name: "wiki_ci_test_db", image: "db", tasks: [task(0, 6)] },
      { name: "wiki_ci_test_app", image: "app", tasks: [task(100, 104), task(102, 107)] },
      { name: "wiki_ci_test_job", image: "app", tasks: [task(100, 160)] },
    ];
    expect(slowest({ services }, app)).toBe(7000);
    expect(slowest({ services: [] }, app)).toBe(0);
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

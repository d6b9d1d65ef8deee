import { expect, test } from "vitest";
import { endWatch } from "../../lifecycle/end-watch.ts";
import { RUN_LABEL, SERVICE_NAME_LABEL } from "../../swarm/run-label.ts";

const died = (service: string, run = "run-1") => ({
  Type: "container",
  Action: "die",
  Actor: { ID: "c", Attributes: { [RUN_LABEL]: run, [SERVICE_NAME_LABEL]: service, exitCode: "3" } },
});
const removed = (name: string) => ({ Type: "service", Action: "remove", Actor: { ID: "s", Attributes: { name } } });

test("what ends as the teardown begins is seen, until the first of the run's services is removed", () => {
  const watch = endWatch("run-1");
  watch.saw(died("wiki_app"));
  watch.begin(["wiki_app", "wiki_db"]);
  watch.saw(removed("others_app"));
  for (const event of [died("wiki_app"), died("wiki_app", "run-2"), died("wiki_job")]) watch.saw(event);
  watch.saw(removed("wiki_db"));
  watch.saw(died("wiki_app"));
  expect(watch.ends).toEqual([{ service: "wiki_app", exitCode: 3 }]);
});

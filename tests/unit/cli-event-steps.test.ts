import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventSteps } from "../../cli/event-steps.ts";

import { stackFailure } from "../../cli/stack-failure.ts";
import { describe as explain, InfraError, UserError } from "../../lib/errors.ts";
import type { StepProgress } from "../../lib/step.ts";

beforeEach(() => void vi.stubEnv("RECIPE_CI_HOME", "/dev/null/none"));
afterEach(() => void vi.unstubAllEnvs());

const urn = (name: string) => `urn:pulumi:local::recipe-ci::recipe-ci:index:LocalNode$command:local:Command::${name}`;

/** An event of the engine about a resource. */
function about(kind: string, name: string, op = "create", type = "command:local:Command"): EngineEvent {
  return { [kind]: { metadata: { urn: urn(name), op, type } } } as unknown as EngineEvent;
}

function diagnostic(name: string, message: string, severity = "info"): EngineEvent {
  return { diagnosticEvent: { urn: urn(name), message, severity } } as unknown as EngineEvent;
}

function seen(...events: EngineEvent[]): string[] {
  const told: StepProgress[] = [];
  const steps = new EventSteps((progress) => told.push(progress));
  for (const event of events) steps.event(event);
  steps.end();
  return told.map(({ title, state, note }) => `${title} ${state}${note ? ` (${note})` : ""}`);
}

describe("the engine's events", () => {
  test("become steps in words, with the last line of what a command says", () => {
    const said = "<{%reset%}>I: extracting archives...\n  installing packages\n<{%reset%}>";
    expect(
      seen(
        about("resourcePreEvent", "node-rootfs"),
        diagnostic("node-rootfs", said),
        about("resOutputsEvent", "node-rootfs"),
        about("resourcePreEvent", "node-machine"),
        about("resOpFailedEvent", "node-machine"),
      ),
    ).toEqual([
      "root file system going",
      "root file system done (installing packages)",
      "machine going",
      "machine failed",
    ]);
  });

  test("a name that nobody knows shows as itself; deleting is removing", () => {
    expect(seen(about("resourcePreEvent", "node-moat"), about("resOutputsEvent", "node-moat"))[0]).toBe(
      "node-moat going",
    );
    expect(seen(about("resourcePreEvent", "node-machine", "delete"))[0]).toBe("removing machine going");
  });

  test.each([
    ["what stays the same", about("resourcePreEvent", "node-machine", "same")],
    ["the stack itself", about("resourcePreEvent", "recipe-ci-local", "create", "pulumi:pulumi:Stack")],
    ["a provider", about("resourcePreEvent", "engine", "create", "pulumi:providers:docker")],
    ["a component", about("resourcePreEvent", "node", "create", "recipe-ci:index:LocalNode")],
  ])("%s is no step", (_what, event) => expect(seen(event)).toEqual([]));

  test("what the engine left unended has failed", () => {
    expect(seen(about("resourcePreEvent", "node-swarm"))).toEqual(["Swarm going", "Swarm failed"]);
  });
});

describe("the error of a node that can't be brought up", () => {
  const failed = (name: string, message: string) => ({ changes: {}, failures: [{ urn: urn(name), message }] });

  test("begins with what failed and why; the remedy fits; the rest is in a file", () => {
    const message = [
      'exit status 3: running "rootfs":',
      "installing mmdebstrap, iptables",
      "error: could not install mmdebstrap, iptables: apt-get install --quiet: exit code 100",
      "Reading package lists...",
      "E: Unable to locate package mmdebstrap",
      "  remedy: run: apt-get install mmdebstrap iptables",
    ].join("\n");
    expect(explain(stackFailure("the node", failed("node-rootfs", message), "making", "/h/logs/x.log"))).toBe(
      [
        "the node can't be brought up: root file system: could not install mmdebstrap, iptables: apt-get install --quiet: Unable to locate package mmdebstrap",
        "  remedy: see that /etc/apt/sources.list names a mirror with Debian's main section, then run again",
        "  everything it said: /h/logs/x.log",
      ].join("\n"),
    );
  });

  test("has the step's own remedy where the cause is the step's own", () => {
    const message =
      'exit status 3: running "machine up":\nerror: the machine did not start: no leader\n  remedy: read /c/console';
    const said = explain(stackFailure("the node", failed("node-machine", message), "making", "/x.log"));
    expect(said).toMatch(
      /^the node can't be brought up: machine: the machine did not start: no leader\n {2}remedy: read \/c\/console\n/,
    );
  });

  test("is what the program threw, where it did", () => {
    const own = new UserError("the Docker Engine is not in a Swarm", { remedy: "run docker swarm init" });
    expect(stackFailure("the node", { changes: {}, failures: [], error: "Unhandled" }, "making", "/x.log", own)).toBe(
      own,
    );
  });

  test("knows what Pulumi itself says", () => {
    const error = "code: 255\n stdout: \n stderr: error: constructing secrets manager: incorrect passphrase\n";
    const told = stackFailure("the node", { changes: {}, failures: [], error }, "removing", "/x.log");
    expect(told).toBeInstanceOf(InfraError);
    expect(explain(told)).toMatch(
      /^the node can't be removed: constructing secrets manager: incorrect passphrase\n {2}remedy: set PULUMI_CONFIG_PASS/,
    );
  });
});

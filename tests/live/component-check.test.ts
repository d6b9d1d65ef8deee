import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Evidence } from "../../checks/check.ts";
import { CheckRecorder } from "../../checks/recorder.ts";
import { Check } from "../../components/check.ts";
import { GeneratedSecret } from "../../components/generated-secret.ts";
import { openRun } from "../../lifecycle/run-folder.ts";
import { type Operation, openStack, up } from "../../lifecycle/stack.ts";
import { Redactor } from "../../masking/redactor.ts";
import { ensurePulumi, type Pulumi } from "../../pulumi/locate.ts";
import { checkContext } from "../fixtures/spec.ts";

/** One check of a test's program. */
interface Trial {
  name: string;
  after?: string[];
  fingerprint?: string;
  run: () => Promise<Evidence>;
}

const passes = async () => ({ summary: "fine" });
const fails = (message: string) => async (): Promise<Evidence> => {
  throw new Error(message);
};

let pulumi: Pulumi;
let folder: string;
let count = 0;

beforeAll(async () => {
  pulumi = await ensurePulumi({ onProgress: () => undefined });
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-check-"));
  // From here on the project's home and state are the test's own; the engine keeps its absolute paths.
  vi.stubEnv("RECIPE_CI_HOME", join(folder, "home"));
  vi.stubEnv("PULUMI_BACKEND_URL", pathToFileURL(folder).href);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "test");
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A stack that is driven as runs are, and what its checks did. */
class TestStack {
  readonly stack: Stack;
  readonly redactor = new Redactor();
  ran: string[] = [];

  constructor(stack: Stack) {
    this.stack = stack;
  }

  up(trials: Trial[], more: () => void = () => undefined): Promise<Operation> {
    this.ran = [];
    const recorder = new CheckRecorder(this.redactor);
    const program = async () => {
      more();
      const made = new Map<string, Check>();
      for (const trial of trials) {
        const run = () => {
          this.ran.push(trial.name);
          return trial.run();
        };
        const definition = { name: trial.name, title: `Trial ${trial.name}`, run };
        const dependsOn = (trial.after ?? []).flatMap((name) => made.get(name) ?? []);
        const args = { definition, context: checkContext, fingerprint: trial.fingerprint ?? "1", recorder };
        made.set(trial.name, new Check(args, { dependsOn }));
      }
      return {};
    };
    return up(this.stack, program, new AbortController().signal, () => undefined);
  }

  /** Names of the checks that the state holds as passed. */
  async passed(): Promise<string[]> {
    const { deployment } = await this.stack.exportStack();
    const resources: { urn: string; type: string }[] = deployment.resources ?? [];
    return resources
      .filter(({ type }) => type === "pulumi:index:Stash")
      .map(({ urn }) => urn.split("::").at(-1) ?? "")
      .sort();
  }
}

let tested: TestStack;

beforeEach(async () => {
  const name = `check-test-${++count}`;
  await openRun({ run: name, recipe: "wiki", dockerHost: "unix:///nonexistent/docker.sock" });
  tested = new TestStack(await openStack(name, pulumi, true));
});

describe("a check, run by the real engine", () => {
  test("a failed one fails the update at its URN, is not in the state, and is run again by the next update", async () => {
    const failed = await tested.up([{ name: "install.answers", run: fails("status 500, accepted: 200") }]);
    expect(failed.failures).toHaveLength(1);
    expect(failed.failures[0]?.urn).toMatch(/::recipe-ci:index:Check\$pulumi:index:Stash::install\.answers$/);
    expect(failed.failures[0]?.message).toContain("status 500, accepted: 200");
    expect(failed.error).toBeUndefined();
    expect(await tested.passed()).toEqual([]);

    const healed = await tested.up([{ name: "install.answers", run: passes }]);
    expect(problems(healed)).toEqual([]);
    expect(tested.ran).toEqual(["install.answers"]);
    expect(await tested.passed()).toEqual(["install.answers"]);
  });

  test("a passed one is not run again, until its fingerprint changes", async () => {
    await tested.up([{ name: "a", run: passes }]);
    expect(tested.ran).toEqual(["a"]);
    const again = await tested.up([{ name: "a", run: fails("it ran again") }]);
    expect(problems(again)).toEqual([]);
    expect(tested.ran).toEqual([]);

    const changed = await tested.up([{ name: "a", fingerprint: "2", run: fails("head is worse") }]);
    expect(tested.ran).toEqual(["a"]);
    expect(changed.failures[0]?.message).toContain("head is worse");
    // It did not pass for fingerprint 2, so the same update runs it once more.
    await tested.up([{ name: "a", fingerprint: "2", run: passes }]);
    expect(tested.ran).toEqual(["a"]);
    await tested.up([{ name: "a", fingerprint: "2", run: fails("it ran again") }]);
    expect(tested.ran).toEqual([]);
  });

  test("what depends on a failed one does not run, at any distance; independent ones do, and all failures show", async () => {
    const operation = await tested.up([
      { name: "first", run: fails("first is broken") },
      { name: "second", after: ["first"], run: passes },
      { name: "third", after: ["second"], run: passes },
      { name: "other", run: fails("other is broken too") },
      { name: "beside", run: passes },
      { name: "after-beside", after: ["beside"], run: passes },
    ]);
    expect(tested.ran.toSorted()).toEqual(["after-beside", "beside", "first", "other"]);
    expect(tested.ran.indexOf("beside")).toBeLessThan(tested.ran.indexOf("after-beside"));
    const failures = operation.failures.map(({ urn, message }) => `${urn.split("::").at(-1)}: ${message}`).sort();
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatch(/^first: .*first is broken/s);
    expect(failures[1]).toMatch(/^other: .*other is broken too/s);
    expect(operation.error).toBeUndefined();
    expect(await tested.passed()).toEqual(["after-beside", "beside"]);
  });

  test("what the engine shows and keeps of a failure carries no secret", async () => {
    tested.redactor.add("hunter2-hunter2");
    const shown = JSON.stringify(
      await tested.up([{ name: "login", run: fails("cannot log in with hunter2-hunter2") }]),
    );
    expect(shown).toContain("cannot log in with [secret]");
    expect(shown).not.toContain("hunter2");
    expect(await filesWith("hunter2")).toEqual([]);
  });
});

describe("a generated secret", () => {
  test("keeps its first value over updates, and lies encrypted in the state", async () => {
    const seen: string[] = [];
    const make = (value: string) => () => {
      new GeneratedSecret("password", () => value).value.apply((text) => seen.push(text));
    };
    await tested.up([], make("first-plain-value"));
    await tested.up([], make("second-plain-value"));
    expect(new Set(seen)).toEqual(new Set(["first-plain-value"]));

    expect(await filesWith("check-test-")).not.toEqual([]);
    for (const form of ["plain-value", Buffer.from("first-plain-value").toString("base64")]) {
      expect(await filesWith(form), form).toEqual([]);
    }
  });
});

function problems({ failures, error }: Operation): unknown[] {
  return [...failures, ...(error === undefined ? [] : [error])];
}

/** Files below the test's folder, state and its history included, that hold a text. */
async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return files.filter((_, index) => contents[index]?.includes(text));
}

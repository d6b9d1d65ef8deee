import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CheckRecorder } from "../../checks/recorder.ts";
import { runNames } from "../../compose/env/stack-name.ts";
import { InfraError } from "../../lib/errors.ts";
import { until } from "../../lib/until.ts";
import { lintHead } from "../../lifecycle/lint-head.ts";
import type { RunArgs, Session } from "../../lifecycle/session.ts";
import { toResult } from "../../lifecycle/to-result.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { Redactor } from "../../masking/redactor.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { WIKI } from "../fixtures/lint.ts";
import { passingRun } from "../fixtures/passing-run.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

type LintArgs = Parameters<typeof lintHead>[0];

/** What a run of recipe `wiki` gives lint, with some files changed. */
async function runOf(changes: Record<string, string> = {}, args: Partial<RunArgs> = {}): Promise<LintArgs> {
  const folder = await writeFiles({ ...WIKI, ...changes });
  const repo = await repoFromFolder({ folder, cacheDir: await scratchFolder() });
  const located = { repo, headCommit: await repo.resolve(), warnings: [] };
  return { definition: { name: "wiki" }, located, signal: new AbortController().signal, ...args };
}

const compose = (find: string, replace: string) => ({ "compose.yml": WIKI["compose.yml"].replace(find, replace) });

test("a run's lint has findings, waived ones among them, counts and score, and not the list of rules", async () => {
  const waivers = [{ rule: "R004", reason: "upstream has no other tag" }];
  const custom = [{ name: "custom.x", title: "x", run: async () => ({ summary: "" }) }];
  const args = await runOf(compose("postgres:16-alpine", "postgres:latest"), {
    definition: { name: "wiki", waivers, custom },
  });
  const { lint, warnings } = await lintHead(args, dockerCli);
  expect(warnings).toEqual([]);
  expect(lint?.findings.find(({ rule }) => rule === "R004")).toMatchObject({
    level: "warning",
    file: "compose.yml",
    waived: "upstream has no other tag",
  });
  expect(lint?.counts).toMatchObject({ errors: 0, waived: 1 });
  expect(lint?.status).toEqual({ score: 1, readme: 4, missing: ["release"] });
  expect(Object.keys(lint ?? {}).sort()).toEqual(["counts", "findings", "status"]);
});

test("without a Docker CLI there is one line of warning instead", async () => {
  const missing = new InfraError("no docker command on PATH\nand no other", { remedy: "install one" });
  expect(await lintHead(await runOf(), () => Promise.reject(missing))).toEqual({
    warnings: ["lint could not work: no docker command on PATH"],
  });
});

test("the end of a run ends a Docker CLI that hangs", async () => {
  const file = join(await scratchFolder(), "pid");
  const controller = new AbortController();
  const args = await runOf({}, { signal: controller.signal });
  const linting = lintHead(args, async () => ["/bin/sh", "-c", `echo $$ > ${file} && exec sleep 25`]);
  const pid = await until(
    async () => {
      const value = Number(await readFile(file, "utf8").catch(() => ""));
      return value > 0 ? { done: true, value } : { done: false, reason: "not started" };
    },
    { what: "the CLI starts", deadline: "10 s", every: "20 ms" },
  );
  controller.abort(new Error("cancelled by SIGTERM"));
  expect(await linting).toEqual({ warnings: ["lint could not work: cancelled by SIGTERM"] });
  await until(
    async () => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      return stat === "" ? { done: true, value: undefined } : { done: false, reason: stat };
    },
    { what: "the CLI is gone", deadline: "5 s", every: "20 ms" },
  );
});

test("errors of lint leave the verdict alone, and its warning stands beside those of the recipe", async () => {
  const { definition, located, signal } = await runOf();
  const session = {
    args: {
      run: "run-wiki-1",
      definition,
      located: { ...located, warnings: ["dirty"] },
      dependencies: [],
      signal,
      nodeKind: "local",
    },
    names: runNames("wiki", "run-wiki-1"),
    log: { phases: passingRun.phases, elapsed: () => 1 },
    recorder: new CheckRecorder(new Redactor()),
  } as unknown as Session;
  const { lint } = await lintHead(await runOf(compose("image: wiki:1.2.0", "command: x")), dockerCli);
  expect(lint?.counts.errors).toBeGreaterThan(0);
  const { startedAt, ledger } = passingRun;
  const linted = { lint, warnings: ["no lint"] };
  const result = toResult(session, { preparation: {}, startedAt, ledger, diagnostics: [], linted });
  expect(result).toMatchObject({ verdict: "pass", lint: { counts: lint?.counts }, warnings: ["dirty", "no lint"] });
});

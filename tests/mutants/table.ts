/** One small defect put into the project's own code, and the unit test file that must notice it. */
export interface Mutant {
  file: string;
  /** Text that is there exactly once. */
  find: string;
  replace: string;
  /** File below tests/unit that must fail. */
  test: string;
}

/** Each stands for a mistake that would let a broken recipe pass, blame the wrong one, leak, or lose data. */
export const MUTANTS: readonly Mutant[] = [
  // checks/: a check that cannot fail is a defect.
  {
    file: "checks/http.ts",
    find: "if (!accepted.includes(response.status)) return",
    replace: "if (response.status === 0) return",
    test: "checks-http.test.ts",
  },
  {
    file: "checks/http.ts",
    find: "response.body.search(body) >= 0",
    replace: "body.test(response.body)",
    test: "checks-http.test.ts",
  },
  {
    file: "checks/seed.ts",
    find: "if (found?.trim() === value) return",
    replace: "if (found !== undefined) return",
    test: "checks-seed.test.ts",
  },
  {
    file: "checks/seed.ts",
    find: "return found === undefined\n",
    replace: "return !found\n",
    test: "checks-seed.test.ts",
  },
  {
    file: "checks/backup.ts",
    find: "if (!content.includes(value)) throw",
    replace: "if (!content) throw",
    test: "checks-backup.test.ts",
  },
  {
    file: "checks/backup.ts",
    find: "plan.volumes.filter((volume) => !volume.excluded)",
    replace: "plan.volumes",
    test: "checks-backup.test.ts",
  },
  {
    file: "checks/file-seed.ts",
    find: ".sort((a, b) => b.target.length - a.target.length)",
    replace: "",
    test: "checks-file-seed.test.ts",
  },
  {
    file: "checks/version-moved.ts",
    find: "if (changes.every((area) => area === AREA_WORDS.version)) {",
    replace: "if (changes.length < 0) {",
    test: "checks-version-moved.test.ts",
  },
  {
    file: "checks/recorder.ts",
    find: "this.redactor.deep({ name:",
    replace: "({ name:",
    test: "checks-recorder.test.ts",
  },
  {
    file: "checks/recorder.ts",
    find: 'error instanceof InfraError || isTransport(error) ? "infra" : "recipe"',
    replace: '"recipe"',
    test: "checks-recorder.test.ts",
  },
  {
    file: "checks/recorder.ts",
    find: "throw outer.aborted ? cancelled() : error;",
    replace: "throw error;",
    test: "checks-recorder.test.ts",
  },
  {
    file: "checks/redactor.ts",
    find: "shown = Math.max(shown, end);",
    replace: "shown = end;",
    test: "checks-redactor.test.ts",
  },
  // components/render/: what differs from the recipe, or shows as a change in the next preview.
  {
    file: "components/render/container.ts",
    find: "stopGracePeriod: goDuration(service.stopGracePeriod),",
    replace: "",
    test: "components-render.test.ts",
  },
  {
    file: "components/render/container.ts",
    find: "readOnly: mount.readOnly ?? false",
    replace: "readOnly: false",
    test: "components-render.test.ts",
  },
  {
    file: "components/render/service.ts",
    find: "aliases: [...network.aliases].sort()",
    replace: "aliases: network.aliases",
    test: "components-render.test.ts",
  },
  { file: "components/render/labels.ts", find: ".sort()", replace: "", test: "components-render.test.ts" },
  {
    file: "components/render/duration.ts",
    find: "hours || minutes ?",
    replace: "minutes ?",
    test: "components-duration.test.ts",
  },
  {
    file: "components/adapt.ts",
    find: 'if (port.mode === "host") return port;',
    replace: 'if (port.mode !== "host") return port;',
    test: "components-adapt.test.ts",
  },
  // stacks/: what is not planned is never checked.
  {
    file: "stacks/recipe-plan.ts",
    find: "[moved, ...kept].map",
    replace: "[...kept].map",
    test: "stacks-plan.test.ts",
  },
  {
    file: "stacks/recipe-plan.ts",
    find: 'after: index === 0 ? [] : [checks[index - 1]?.name ?? ""]',
    replace: "after: []",
    test: "stacks-plan.test.ts",
  },
  {
    file: "stacks/versions.ts",
    find: "loadOwn({ ...options, upgrade })",
    replace: "loadApp(options)",
    test: "stacks-versions.test.ts",
  },
  {
    file: "stacks/versions.ts",
    find: 'if (fresh.status === "rejected") throw fresh.reason;',
    replace: 'if (fresh.status === "rejected" && !baseCommit) throw fresh.reason;',
    test: "stacks-versions.test.ts",
  },
  // lifecycle/: what is red must not become green.
  {
    file: "compose/run-env.ts",
    find: "DOMAIN: domain, ",
    replace: "",
    test: "compose-own-names.test.ts",
  },
  {
    file: "compose/run-env.ts",
    find: 'LETS_ENCRYPT_ENV: "", ',
    replace: "",
    test: "compose-own-names.test.ts",
  },
  {
    file: "compose/run-env.ts",
    find: "findLast(({ key }) => key",
    replace: "find(({ key }) => key",
    test: "compose-own-names.test.ts",
  },
  {
    file: "compose/own-names.ts",
    find: "source: names.volumes.get(mount.source) ?? mount.source",
    replace: "source: mount.source",
    test: "compose-own-names.test.ts",
  },
  {
    file: "stacks/versions.ts",
    find: "return withOwnNames(await loadApp(options));",
    replace: "return loadApp(options);",
    test: "stacks-versions.test.ts",
  },
  {
    file: "lifecycle/prune/runs.ts",
    find: "if (!finishedAt) return true;",
    replace: "if (!finishedAt) return false;",
    test: "lifecycle-prune.test.ts",
  },
  {
    file: "lifecycle/prune/runs.ts",
    find: "other.startedAt <= finishedAt",
    replace: "other.startedAt > finishedAt",
    test: "lifecycle-prune.test.ts",
  },
  {
    file: "lifecycle/prune/runs.ts",
    find: "filter((name) => !runs.has(name))",
    replace: "filter((name) => runs.has(name))",
    test: "lifecycle-prune.test.ts",
  },
  {
    file: "lifecycle/prune/store.ts",
    find: "if (excess <= 0) return false;",
    replace: "",
    test: "lifecycle-prune.test.ts",
  },
  {
    file: "lifecycle/prune/store.ts",
    find: ".sort((a, b) => b.usedAt - a.usedAt)",
    replace: ".sort((a, b) => a.usedAt - b.usedAt)",
    test: "lifecycle-prune.test.ts",
  },
  {
    file: "lifecycle/prune/prune.ts",
    find: "!state.finishedAt && isAlive(state.owner)",
    replace: "state.finishedAt && isAlive(state.owner)",
    test: "lifecycle-prune.test.ts",
  },
  {
    file: "lifecycle/pulumi-state.ts",
    find: "if (!state || (await exists",
    replace: "if (!state || !(await exists",
    test: "lifecycle-pulumi-state.test.ts",
  },
  {
    file: "lifecycle/run-engine.ts",
    find: "PULUMI_HOME: own,",
    replace: "PULUMI_HOME: shared,",
    test: "lifecycle-pulumi-state.test.ts",
  },
  {
    file: "lifecycle/run-folder.ts",
    find: "  await forgetRemovedStack(run);",
    replace: "",
    test: "lifecycle-pulumi-state.test.ts",
  },
  {
    file: "lifecycle/verdict.ts",
    find: '({ blame = "recipe" }) => blame === "recipe"',
    replace: '({ blame }) => blame === "recipe"',
    test: "lifecycle-verdict.test.ts",
  },
  {
    file: "lifecycle/verdict.ts",
    find: "if (bases.length > 0) return",
    replace: "if (bases.length < 0) return",
    test: "lifecycle-verdict.test.ts",
  },
  {
    file: "lifecycle/verdict.ts",
    find: "  if (silent) return",
    replace: "  if (false && silent) return",
    test: "lifecycle-verdict.test.ts",
  },
  {
    file: "lifecycle/verdict.ts",
    find: "if (ledger.left.length > 0) return 4;",
    replace: "",
    test: "lifecycle-verdict.test.ts",
  },
  {
    file: "lifecycle/phase-log.ts",
    find: "this.current ?? this.phases.at(-1)",
    replace: "this.current",
    test: "lifecycle-phase-log.test.ts",
  },
  {
    file: "lifecycle/ledger.ts",
    find: "return entry.run ? entry.run === owner.run : entry.namespace === owner.namespace;",
    replace: "return entry.run === owner.run;",
    test: "lifecycle-ledger.test.ts",
  },
  {
    file: "lifecycle/ledger.ts",
    find: "(entry) => !known.has(key(entry)) && ",
    replace: "(entry) => ",
    test: "lifecycle-ledger.test.ts",
  },
  {
    file: "lifecycle/ledger.ts",
    find: "!known.has(`service/",
    replace: "!known.has(`-/",
    test: "lifecycle-ledger.test.ts",
  },
  {
    file: "lifecycle/ledger.ts",
    find: "!run && !namespace && !(kind",
    replace: "!run && !(kind",
    test: "lifecycle-ledger.test.ts",
  },
  {
    file: "lifecycle/ledger.ts",
    find: '(kind === "network" && PREDEFINED',
    replace: "(PREDEFINED",
    test: "lifecycle-ledger.test.ts",
  },
  {
    file: "lifecycle/ledger.ts",
    find: "const lost = alone ? ",
    replace: "const lost = true ? ",
    test: "lifecycle-ledger.test.ts",
  },
  {
    file: "lifecycle/neighbours.ts",
    find: "state.finishedAt < moment",
    replace: "state.startedAt < moment",
    test: "lifecycle-neighbours.test.ts",
  },
  {
    file: "lifecycle/neighbours.ts",
    find: "entry.namespace && moved(entry)",
    replace: "entry.namespace",
    test: "lifecycle-neighbours.test.ts",
  },
  {
    file: "lifecycle/stack.ts",
    find: "message: messages.get(urn)?.trim()",
    replace: 'message: messages.get("")?.trim()',
    test: "lifecycle-stack.test.ts",
  },
  {
    file: "lifecycle/reaper.ts",
    find: "new Date(state.keepUntil) <= now",
    replace: "new Date(state.keepUntil) >= now",
    test: "lifecycle-run-folder.test.ts",
  },
  // compose/, engine/, images/, swarm/.
  {
    file: "source/version.ts",
    find: "return a.length - b.length || compareText(a, b);",
    replace: "return compareText(a, b);",
    test: "compose-version.test.ts",
  },
  {
    file: "compose/backup-labels.ts",
    find: 'path.startsWith("/") || path.split("/").includes("..")',
    replace: 'path.startsWith("/")',
    test: "compose-backup.test.ts",
  },
  {
    file: "compose/stack-config.ts",
    find: "  assertSeen(compose, files);\n",
    replace: "",
    test: "compose-docker.test.ts",
  },
  {
    file: "compose/yaml-dialects.ts",
    find: "GLUED_COLON.test(text)",
    replace: "false",
    test: "compose-yaml.test.ts",
  },
  {
    file: "lib/errors.ts",
    find: "abridge(plainText(text), limit)",
    replace: "abridge(text, limit)",
    test: "lib-errors.test.ts",
  },
  {
    file: "compose/env-line.ts",
    find: "const LAST_COMMENT = /^(.*[",
    replace: "const LAST_COMMENT = /^(.*?[",
    test: "compose-env.test.ts",
  },
  {
    file: "compose/app-env.ts",
    find: "...envRecord(dotenv), ...over, ...abraSh,",
    replace: "...envRecord(dotenv), ...abraSh, ...over,",
    test: "compose-app-env.test.ts",
  },
  {
    file: "compose/env.ts",
    find: ".filter((key) => !given.has(key))",
    replace: "",
    test: "stacks-versions.test.ts",
  },
  {
    file: "engine/versions.ts",
    find: "return had > wanted;",
    replace: "return true;",
    test: "engine-versions.test.ts",
  },
  {
    file: "images/reference.ts",
    find: 'registry === DEFAULT_REGISTRY && !path.includes("/")',
    replace: "registry === DEFAULT_REGISTRY",
    test: "images-reference.test.ts",
  },
  {
    file: "swarm/converge-judge.ts",
    find: "running.length === wanted && desired.length === wanted",
    replace: "desired.length === wanted",
    test: "swarm-converge-judge.test.ts",
  },
  {
    file: "lib/until.ts",
    find: "options.signal?.throwIfAborted();",
    replace: "",
    test: "lib-small.test.ts",
  },
  // stacks/: a step that leaves a phase out calls it passed.
  {
    file: "stacks/phase-step.ts",
    find: "at(phase) > start && at(phase) < at(to)",
    replace: "at(phase) > start + 1 && at(phase) < at(to)",
    test: "stacks-phase-step.test.ts",
  },
  {
    file: "stacks/phase-step.ts",
    find: "if (at(to) < start &&",
    replace: "if (at(to) < start - 1 &&",
    test: "stacks-phase-step.test.ts",
  },
  // lint/: a mistake that is not told, or told of a recipe that has none.
  {
    file: "lint/offers.ts",
    find: "const active = replaces && ",
    replace: "const active = !replaces && ",
    test: "lint-combinations.test.ts",
  },
  {
    file: "lint/one-answer.ts",
    find: 'raised.has(one) ? { ...one, level: "error" as const } : one',
    replace: "one",
    test: "lint-combinations.test.ts",
  },
  {
    file: "lint/combinations.ts",
    find: "const isWhole = alone.enabled.every((path) => both.enabled.includes(path));",
    replace: "const isWhole = true;",
    test: "lint-combinations.test.ts",
  },
  {
    file: "lint/together.ts",
    find: "JSON.stringify([rule, level, remedy, waived, kind ?? message])",
    replace: "JSON.stringify([rule, level, remedy, kind ?? message])",
    test: "lint-report.test.ts",
  },
  {
    file: "lint/rules/credentials.ts",
    find: "return isSensitive(name) && !isHarmless(text);",
    replace: "return isSensitive(name);",
    test: "lint-operator-rules.test.ts",
  },
  {
    file: "lint/rules/upgrade.ts",
    find: "const known = new Set([...first.refused, ...first.unreadable].map(describe));",
    replace: "const known = new Set<string>();",
    test: "lint-operator-rules.test.ts",
  },
];

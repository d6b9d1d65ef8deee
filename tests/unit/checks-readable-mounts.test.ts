import { expect, test } from "vitest";
import { guardedMounts, mayRead } from "../../checks/readable-mounts.ts";
import { planPhases } from "../../stacks/plan/recipe-plan.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const file = (mode: number, more = {}) => ({ key: "k", name: "k_v1", file: "k", uid: "0", gid: "0", mode, ...more });
const users = (uid: number, gid = uid) => ({ uids: new Set([uid]), gids: new Set([gid]) });

test.each([
  ["root", users(0), file(0o000), true],
  ["its owner", users(1000), file(0o400, { uid: "1000" }), true],
  ["its owner, whom it leaves out", users(1000), file(0o044, { uid: "1000" }), false],
  ["one of its group", users(1000, 50), file(0o440, { gid: "50" }), true],
  ["another, where its owner alone may", users(1000), file(0o400), false],
  ["another, where everybody may", users(1000), file(0o444), true],
])("a file is read by %s: by its mode", (_, by, one, may) => {
  expect(mayRead(by, one)).toBe(may);
});

test("what everybody may read is not asked for, nor what a service at rest mounts", () => {
  const secrets = [file(0o444), file(0o400)];
  const resting = serviceSpec({ key: "timer", secrets, mode: { kind: "replicated", replicas: 0 } });
  const app = appSpec({ services: [serviceSpec({ secrets, configs: [file(0o440, { key: "c" })] }), resting] });
  expect(guardedMounts(app).map(({ service, files }) => [service.key, files.map(({ key }) => key)])).toEqual([
    ["app", ["k", "c"]],
  ]);
});

test("a secret that a service is told of, and that others mount alone, is not there", () => {
  const path = "/run/secrets/k";
  const db = serviceSpec({ key: "db", secrets: [file(0o444)], env: { POSTGRES_PASSWORD_FILE: path } });
  const told = (env: Record<string, string>, secrets = [file(0o444)].slice(1)) =>
    guardedMounts(appSpec({ services: [serviceSpec({ env, secrets }), db] })).map(({ service, misplaced }) => [
      service.key,
      ...misplaced.map(({ variable, mountedIn }) => `${variable}: ${mountedIn}`),
    ]);
  expect(told({ DB_PASSWORD_FILE: path })).toEqual([["app", "DB_PASSWORD_FILE: db"]]);
  expect(told({ DB_PASSWORD_FILE: path }, [file(0o444)])).toEqual([]);
  expect(told({ SMTP_PASSWORD_FILE: "/run/secrets/smtp" })).toEqual([]);
  // Of a list that services share.
  expect(told({ POSTGRES_PASSWORD_FILE: path })).toEqual([]);
});

test("it is head's to mend, and is asked before head has to answer", () => {
  const guarded = appSpec({ services: [serviceSpec({ secrets: [file(0o400)] })] });
  const asked = (args: Pick<Parameters<typeof planPhases>[0], "base" | "head">) =>
    planPhases({ definition: { name: "wiki", source: "x" }, ...args })
      .flatMap(({ checks }) => checks.map(({ name }) => name))
      .filter((name) => name.endsWith(".reads-mounts"));
  expect(asked({ head: guarded })).toEqual(["install.reads-mounts"]);
  const next = { version: "2.0.0+1", domain: "other.ci.test" };
  expect(asked({ base: guarded, head: { ...guarded, ...next } })).toEqual(["upgrade.reads-mounts"]);
  expect(asked({ base: guarded, head: appSpec(next) })).toEqual([]);
});

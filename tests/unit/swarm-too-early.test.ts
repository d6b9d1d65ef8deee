import type Docker from "dockerode";
import { expect, test } from "vitest";
import type { ServiceView } from "../../swarm/converge/converge-judge.ts";
import { waitsInVain } from "../../swarm/converge/too-early.ts";
import type { Task, TaskState } from "../../swarm/task.ts";

/** Seconds after the app was made. */
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

interface Life {
  made?: number;
  since: number;
  asked?: boolean;
}

function task(state: TaskState, { made = 0, since, asked = true }: Life): Task {
  const Healthcheck = asked ? { Test: ["CMD", "true"] } : undefined;
  return {
    ID: `${state}-${since}`,
    CreatedAt: at(made),
    ServiceID: "s",
    DesiredState: "running",
    Spec: { ContainerSpec: { Image: "app:1", Healthcheck } },
    Status: { State: state, Timestamp: at(since) },
  };
}

function db(...tasks: Task[]): ServiceView {
  const service: unknown = {
    Spec: { Name: "wiki_db", TaskTemplate: { Networks: [{ Target: "n", Aliases: ["db", "sql.internal"] }] } },
    Endpoint: { VirtualIPs: [{ NetworkID: "n", Addr: "10.0.3.5/24" }] },
  };
  return { expected: { name: "wiki_db" }, service: service as Docker.Service, tasks };
}

const ENDED = task("failed", { since: 20 });
const REFUSED = 'connection to server at "db" (10.0.3.5), port 5432 failed: Connection refused';
const notYet = db(task("starting", { since: 1 }));

test.each([
  REFUSED,
  'nginx: [emerg] host not found in upstream "db:9000" in /etc/nginx/nginx.conf:23',
  "Error: getaddrinfo ENOTFOUND db\n    at GetAddrInfoReqWrap",
  "dial tcp: lookup sql.internal on 127.0.0.11:53: no such host",
  "connect ECONNREFUSED 10.0.3.5:5432",
  "ERROR 2002 (HY000): Can't connect to MySQL server on 'db' (115)",
  "FATAL: the database system is starting up\nat wiki_db:5432",
  "connecting to postgres://wiki:secret@db/wiki\ntimed out",
])("%j tells of a service that is not up yet", (said) => {
  expect(waitsInVain(ENDED, said, [notYet])).toBe("wiki_db");
});

test.each([
  "connect ECONNREFUSED 10.0.3.55:5432",
  "could not resolve db.example.com",
  "could not resolve mydb",
  "wrote to db\nno licence\nrun again\nconnection refused by licences.example.com",
  "permission denied for db",
  "",
])("%j does not", (said) => {
  expect(waitsInVain(ENDED, said, [notYet])).toBeUndefined();
});

test("what asked for one that was up ended by itself", () => {
  expect(waitsInVain(ENDED, REFUSED, [db(task("running", { since: 15 }))])).toBeUndefined();
  expect(waitsInVain(ENDED, REFUSED, [db(task("running", { since: 19 }))])).toBe("wiki_db");
  expect(waitsInVain(ENDED, REFUSED, [db(task("running", { since: 25 }))])).toBe("wiki_db");
});

test("one without a health check may still begin for a while once it runs", () => {
  expect(waitsInVain(ENDED, REFUSED, [db(task("running", { since: 12, asked: false }))])).toBe("wiki_db");
  expect(waitsInVain(ENDED, REFUSED, [db(task("running", { since: 9, asked: false }))])).toBeUndefined();
});

test("one that was replaced since was up until then, one that failed was not", () => {
  const next = task("running", { since: 30 });
  expect(waitsInVain(ENDED, REFUSED, [db(task("shutdown", { since: 25 }), next)])).toBeUndefined();
  expect(waitsInVain(ENDED, REFUSED, [db(task("shutdown", { since: 18 }), next)])).toBe("wiki_db");
  expect(waitsInVain(ENDED, REFUSED, [db(task("failed", { since: 25 }), next)])).toBe("wiki_db");
});

test("of what a service was before its update the words count alone", () => {
  const up = db(task("running", { since: 0 }));
  expect(waitsInVain(ENDED, REFUSED, [up], true)).toBe("wiki_db");
  expect(waitsInVain(ENDED, "no licence", [up], true)).toBeUndefined();
});

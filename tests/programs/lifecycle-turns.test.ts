import { once } from "node:events";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { CheckRecorder } from "../../checks/recorder.ts";
import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import type { Session } from "../../lifecycle/session.ts";
import { claimsOf, inTurn } from "../../lifecycle/turns.ts";
import { Redactor } from "../../masking/redactor.ts";
import type { Prepared } from "../../stacks/prepared.ts";
import { deployment } from "../fixtures/deployment.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";
import { appSpec, networkSpec, serviceSpec } from "../fixtures/spec.ts";

const app = (service: Partial<ServiceSpec>, over: Partial<AppSpec> = {}) =>
  appSpec({ services: [serviceSpec(service)], ...over });
const bind = (source: string, readOnly = false) => ({ type: "bind" as const, source, target: "/x", readOnly });
const volume = { key: "data", name: "wiki_ci_test_data", external: false, driverOpts: {}, labels: {} };
const subnet = (text: string) => ({ networks: [networkSpec({ ipam: { subnets: [text] } })] });
const names = (...apps: AppSpec[]) => claimsOf(apps).map(({ name }) => name);

describe("what no other run may have meanwhile", () => {
  test.each<[string, AppSpec, string[]]>([
    ["a port", app({ ports: [{ target: 80, published: 8080, protocol: "udp", mode: "host" }] }), ["port 8080/udp"]],
    ["a subnet, whichever: one may lie in another", app({}, subnet("10.9.0.0/24")), ["subnets of networks"]],
    ["a folder that it writes to, whichever", app({ mounts: [bind("/srv/a")] }), ["folders of the node"]],
    [
      "a folder behind a volume",
      app({}, { volumes: [{ ...volume, driverOpts: { type: "none", o: "bind", device: "/srv/a" } }] }),
      ["folders of the node"],
    ],
    ["a volume of others", app({}, { volumes: [{ ...volume, name: "shared", external: true }] }), ["volume shared"]],
    [
      "a volume that its driver has elsewhere",
      app({}, { volumes: [{ ...volume, name: "bucket", driver: "s3" }] }),
      ["volume bucket"],
    ],
  ])("is %s", (_, one, claims) => {
    expect(names(one)).toEqual(claims);
  });

  test.each<[string, AppSpec]>([
    ["a volume of its own", app({}, { volumes: [volume] })],
    ["a network whose subnet Swarm chooses", app({}, { networks: [networkSpec({})] })],
    [
      "a network of others",
      app({}, { networks: [networkSpec({ external: true, ipam: { subnets: ["10.9.0.0/24"] } })] }),
    ],
    ["a port that Swarm chooses", app({ ports: [{ target: 80, protocol: "tcp", mode: "ingress" }] })],
    ["a folder that it reads", app({ mounts: [bind("/etc/localtime", true)] })],
    ["a socket, which is there for several", app({ mounts: [bind("/var/run/docker.sock")] })],
  ])("is not %s", (_, one) => {
    expect(names(one)).toEqual([]);
  });

  test("is that of base and head, each once, in one order for all runs", () => {
    const base = app({ mounts: [bind("/srv/a")] }, subnet("10.9.0.0/24"));
    const ports = [{ target: 80, published: 8080, protocol: "tcp", mode: "ingress" }] as const;
    const head = app({ mounts: [bind("/srv/b")], ports: [...ports] }, subnet("10.8.0.0/24"));
    expect(names(base, head)).toEqual(["folders of the node", "port 8080/tcp", "subnets of networks"]);
  });
});

describe("two runs that write to folders of the node", () => {
  beforeEach(async () => {
    vi.stubEnv("RECIPE_CI_HOME", await scratchFolder());
    return () => vi.unstubAllEnvs();
  });

  /** A run as far as a turn knows it. What it needs is not looked for on the node. */
  function session(head: AppSpec, signal = new AbortController().signal) {
    const said: string[] = [];
    const log = { progress: (text: string) => said.push(text) };
    const recorder = new CheckRecorder(new Redactor(), { onRecord: ({ name }) => void said.push(name) });
    const args = { dockerHost: "unix:///x", signal };
    const prepared = { deployments: [deployment({ head })] } as Prepared;
    return { session: { args, log, recorder } as unknown as Session, prepared, said };
  }

  test("go one after the other, and the second says for what it waits, once", async () => {
    const [first, second] = [session(app({ mounts: [bind("/srv/a")] })), session(app({ mounts: [bind("/srv")] }))];
    const order: string[] = [];
    const end = new AbortController();
    const one = inTurn(first.session, first.prepared, async () => {
      order.push("first begins");
      await once(end.signal, "abort");
      order.push("first ends");
    });
    await vi.waitFor(() => expect(order).toEqual(["first begins"]));
    const two = inTurn(second.session, second.prepared, async () => order.push("second begins"));
    await vi.waitFor(() => expect(second.said).toHaveLength(1));
    end.abort();
    await Promise.all([one, two]);
    expect(order).toEqual(["first begins", "first ends", "second begins"]);
    expect([...first.said, ...second.said]).toEqual(["waiting for folders of the node, which another run has"]);
  });

  test("one that is cancelled as it waits goes on to its end with nothing to deploy, and says which turn it was", async () => {
    const cancel = new AbortController();
    const [first, second] = [
      session(app({ mounts: [bind("/a")] })),
      session(app({ mounts: [bind("/a")] }), cancel.signal),
    ];
    await inTurn(first.session, first.prepared, async () => {
      const waiting = inTurn(second.session, second.prepared, async (given) => given);
      await vi.waitFor(() => expect(second.said).toHaveLength(1));
      cancel.abort(new Error("cancelled"));
      expect(await waiting).toBeUndefined();
    });
    expect(second.said.at(-1)).toBe("prepare.shared");
  });
});

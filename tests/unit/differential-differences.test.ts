import { expect, test } from "vitest";
import { type Allowance, describeDifference, differences, judge, type Unordered } from "../differential/differences.ts";
import { type Inspects, normalise } from "../differential/inspects.ts";
import { appSpec } from "../fixtures/spec.ts";

const BY_NAME: Unordered = { path: /Env/, by: (line: string) => line, reason: "no order" };

test("equal objects have no difference, whatever the order of their keys", () => {
  expect(differences({ "service app": { A: 1, B: [{ C: 2 }] } }, { "service app": { B: [{ C: 2 }], A: 1 } })).toEqual(
    [],
  );
});

test("each difference is named by object and path, down to the value", () => {
  const theirs = { "service app": { Labels: { "a.b": "1" }, Args: ["x", "y"], Init: false }, "volume data": {} };
  const ours = { "service app": { Labels: {}, Args: ["x", "z", "w"], Init: null } };
  expect(differences(theirs, ours).map(describeDifference)).toEqual([
    'service app: Args[1]: docker "y", ours "z"',
    'service app: Args[2]: docker nothing, ours "w"',
    "service app: Init: docker false, ours null",
    'service app: Labels["a.b"]: docker "1", ours nothing',
    'volume data: docker "there", ours nothing',
  ]);
});

test("a list has an order unless a rule says otherwise, and then still its items", () => {
  const [theirs, ours] = [{ s: { Env: ["A=1", "B=2"] } }, { s: { Env: ["B=2", "A=1"] } }];
  expect(differences(theirs, ours)).toHaveLength(2);
  expect(differences(theirs, ours, [BY_NAME])).toEqual([]);
  expect(differences(theirs, { s: { Env: ["B=2", "A=1", "A=1"] } }, [BY_NAME])).not.toEqual([]);
  const once = { ...BY_NAME, repeats: true };
  expect(differences(theirs, { s: { Env: ["B=2", "A=1", "A=1"] } }, [once])).toEqual([]);
});

test("an allowance explains only what its whole pattern and its condition match", () => {
  const allowance: Allowance = {
    object: /service .*/,
    path: /Init/,
    when: ({ theirs, ours }) => theirs === undefined && ours === false,
    reason: "the default",
  };
  const found = [
    { object: "service app", path: "Init", theirs: undefined, ours: false },
    { object: "service app", path: "Init", theirs: true, ours: false },
    { object: "service app", path: "Initial", theirs: undefined, ours: false },
    { object: "my service app", path: "Init", theirs: undefined, ours: false },
  ];
  const { unexplained, used } = judge(found, [allowance]);
  expect(unexplained).toEqual(found.slice(1));
  expect([...used]).toEqual([allowance]);
  expect(judge([], [allowance]).used.size).toBe(0);
});

const APP = appSpec({ namespace: "wiki", networks: [], volumes: [] });
const inspects = (id: string, version: number, subnet: string): Inspects => ({
  services: [
    {
      ID: `s-${id}`,
      Version: { Index: version },
      UpdatedAt: `${version}`,
      Endpoint: { VirtualIPs: [id] },
      Spec: {
        Name: "wiki_app",
        TaskTemplate: {
          Networks: [{ Target: `n-${id}` }],
          ContainerSpec: { Mounts: [{ Target: "/x" }], Secrets: [{ SecretID: `k-${id}`, SecretName: "wiki_key" }] },
        },
      },
    },
  ],
  networks: [
    { Id: `n-${id}`, Name: "wiki_net", Driver: "overlay", IPAM: { Config: [{ Subnet: subnet }] }, Created: id },
  ],
  secrets: [{ ID: `k-${id}`, Spec: { Name: "wiki_key" } }],
  configs: [],
  volumes: [{ Name: "wiki_data", CreatedAt: id, Mountpoint: "/m", Driver: "local" }],
});

test("ids, versions, times and addresses of the Swarm's choice make no difference", () => {
  const [one, other] = [inspects("a", 1, "10.0.7.0/24"), inspects("b", 9, "10.1.22.0/24")];
  expect(differences(normalise([one], [APP]), normalise([other], [APP]))).toEqual([]);
  expect(Object.keys(normalise([one], [APP]))).toEqual(["service app", "network net", "secret key", "volume data"]);
});

test("an id of the wrong object, and a subnet of the recipe's choice, do", () => {
  const wrong = inspects("b", 1, "10.9.0.0/24");
  wrong.secrets = [{ ID: "k-b", Spec: { Name: "wiki_other" } }];
  const asks = {
    ...APP,
    networks: [{ name: "wiki_net", external: false, ipam: { subnets: ["10.0.7.0/24"] } }] as never,
  };
  const found = differences(normalise([inspects("a", 1, "10.0.7.0/24")], [asks]), normalise([wrong], [asks]));
  expect(found.map(({ object, path }) => `${object} ${path}`)).toEqual(
    expect.arrayContaining([
      "service app TaskTemplate.ContainerSpec.Secrets[0].SecretID",
      "network net IPAM.Config[0].Subnet",
      "secret key ",
    ]),
  );
});

test("what the app only uses is left out", () => {
  const uses = { ...APP, volumes: [{ name: "wiki_data", external: true }] as never };
  expect(Object.keys(normalise([inspects("a", 1, "10.0.7.0/24")], [uses]))).not.toContain("volume data");
});

test("an object that head made anew where it could have been kept is told", () => {
  const [base, head, anew] = [inspects("a", 1, ""), inspects("a", 2, ""), inspects("b", 2, "")];
  expect(differences(normalise([base, head], [APP, APP]), normalise([base, head], [APP, APP]))).toEqual([]);
  const found = differences(normalise([base, head], [APP, APP]), normalise([base, anew], [APP, APP]));
  expect(found.map(describeDifference)).toEqual([
    'network net: MadeWith: docker "base", ours "head"',
    'secret key: MadeWith: docker "base", ours "head"',
    'service app: MadeWith: docker "base", ours "head"',
    'service app: TasksOf: docker "base", ours "head"',
    'volume data: MadeWith: docker "base", ours "head"',
  ]);
});

test("tasks that were started again where Swarm would have left them are told", () => {
  const stage = (Env: string[]) => {
    const one = inspects("a", 1, "");
    const [service] = one.services;
    return { ...one, services: [{ ...service, Spec: { Name: "wiki_app", TaskTemplate: { ContainerSpec: { Env } } } }] };
  };
  const [base, head] = [stage(["A=1", "B=2"]), stage(["B=2", "A=1"])];
  const found = differences(normalise([base, base], [APP, APP]), normalise([base, head], [APP, APP]));
  expect(found.map(describeDifference)).toContain('service app: TasksOf: docker "base", ours "head"');
});

test("what base has made is compared, though head calls it external", () => {
  const volumes = (external: boolean) => ({ ...APP, volumes: [{ name: "wiki_data", external }] as never });
  const stages = [inspects("a", 1, ""), inspects("a", 2, "")];
  expect(Object.keys(normalise(stages, [volumes(false), volumes(true)]))).toContain("volume data");
  expect(Object.keys(normalise(stages, [volumes(true), volumes(true)]))).not.toContain("volume data");
});

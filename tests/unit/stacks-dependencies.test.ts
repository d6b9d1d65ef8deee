import { describe, expect, test } from "vitest";
import { CheckFailure } from "../../checks/check-failure.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { dependenciesOf, subjectOf } from "../../stacks/deployments.ts";
import { assertApart } from "../../stacks/once-on-node.ts";
import { planRun } from "../../stacks/plan/recipe-plan.ts";
import { refusals } from "../../stacks/refusals.ts";
import { deployment } from "../fixtures/deployment.ts";
import { appSpec, checkContext, serviceSpec, traefikPort } from "../fixtures/spec.ts";

const needed = (recipe: string, service: Partial<ServiceSpec> = {}) =>
  deployment({
    role: "dependency",
    definition: { name: recipe },
    head: appSpec({
      recipe,
      namespace: `${recipe}_ci_test`,
      services: [serviceSpec({ name: `${recipe}_ci_test_app`, labels: traefikPort(80), ...service })],
    }),
  });
const wiki = deployment({ definition: { name: "wiki", dependencies: ["keycloak"], custom: [] } });

describe("a plan of a recipe that needs others", () => {
  const plan = planRun([needed("db"), needed("keycloak"), wiki]);
  const install = plan.find(({ name }) => name === "install");

  test("has them ready first, each by its own health, and looks at all once more at the end of each phase", () => {
    const said = install?.checks.map(({ name, dependency, gate }) => [name, dependency, gate ?? false]);
    expect(said).toEqual([
      ["install.db.converged", "db", true],
      ["install.db.answers", "db", true],
      ["install.keycloak.converged", "keycloak", true],
      ["install.keycloak.answers", "keycloak", true],
      ["install.converged", undefined, false],
      ["install.keeps-data", undefined, false],
      ["install.steady", undefined, false],
      ["install.db.steady", "db", false],
      ["install.keycloak.steady", "keycloak", false],
    ]);
    expect(plan.filter(({ skip }) => !skip).map(({ name }) => name)).toEqual(["install"]);
    expect(subjectOf([needed("db"), wiki])).toBe(wiki);
    expect(dependenciesOf([needed("db"), wiki])).toHaveLength(1);
  });

  test("charges nobody but the recipe while nothing says that a dependency is down", async () => {
    const failing = { name: "custom.a", title: "a", run: () => Promise.reject(new CheckFailure("no")) };
    const asked = planRun([needed("db"), { ...wiki, definition: { name: "wiki", custom: [failing] } }]);
    const check = asked.find(({ name }) => name === "custom")?.checks[0];
    await expect(check?.run(checkContext())).rejects.toMatchObject({ message: "no", owner: "recipe" });
  });
});

describe("what a run of several recipes would refuse", () => {
  test("is of a dependency in its own name, where it is not its author's or the node's", () => {
    const labels = { "traefik.enable": "true", "traefik.http.routers.web.rule": "Host(`x`)" };
    const unrouted = needed("keycloak", { labels });
    expect(refusals([unrouted, wiki])).toContainEqual({
      check: "prepare.routes",
      error: expect.stringMatching(/^dependency keycloak: /),
      owner: "dependency",
    });
    expect(refusals([needed("keycloak"), wiki])).toEqual([]);
    const smtp = { key: "smtp", name: "smtp", labels: {}, users: [], generate: { enabled: false } };
    const mail = needed("mail");
    expect(refusals([{ ...mail, head: { ...mail.head, secrets: [smtp] } }, wiki])).toMatchObject([
      { check: "prepare.secrets", error: expect.stringMatching(/^dependency mail: .*smtp/), owner: "author" },
    ]);
  });

  test("is what both want of the node alone, and not what several may have", () => {
    const at = (published: number) => ({
      ports: [{ target: 80, published, protocol: "tcp" as const, mode: "host" as const }],
    });
    const socket = { mounts: [{ type: "bind" as const, source: "/var/run/docker.sock", target: "/s" }] };
    const of = (service: Partial<ServiceSpec>) => deployment({ head: appSpec({ services: [serviceSpec(service)] }) });
    expect(() => assertApart([needed("db", at(80)), of(at(81))])).not.toThrow();
    expect(() => assertApart([needed("db", socket), of(socket)])).not.toThrow();
    const { head } = of(at(80));
    expect(() => assertApart([deployment({ base: head, head })])).not.toThrow();
    expect(refusals([needed("db", at(80)), of(at(80))])).toContainEqual({
      check: "prepare.services",
      error: "db: service app publishes port 80, which a node has once, and wiki wants the same",
      owner: "author",
    });
  });

  test("is a service or secret of a dependency that there is not", () => {
    const named = [
      { kind: "service", recipe: "db", key: "ap" },
      { kind: "secret", recipe: "db", key: "root" },
    ] as const;
    const asking = { ...wiki, definition: { ...wiki.definition, named } };
    const [refused] = refusals([needed("db"), asking]);
    expect(refused).toMatchObject({ check: "prepare.definition", owner: "author" });
    expect(refused?.error).toBe(
      'recipes/wiki/ci.ts needs.db.service("ap"): db has no service "ap"\n' +
        "  remedy: write app, if that is meant; db's services: app\n" +
        'recipes/wiki/ci.ts needs.db.secret("root"): db has no secret "root"\n' +
        "  remedy: take it out: db has no secrets",
    );
  });
});

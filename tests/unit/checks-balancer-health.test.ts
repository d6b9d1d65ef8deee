import { expect, test } from "vitest";
import { balancerHealth, isKept } from "../../checks/http/balancer-health.ts";
import { Probe } from "../../checks/probe.ts";
import { present } from "../../lib/present.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec, TestClock, traefikPort } from "../fixtures/spec.ts";

const BALANCER = "traefik.http.services.wiki.loadBalancer";

function app(labels: Record<string, string>) {
  const routed = { "traefik.enable": "true", "traefik.http.routers.wiki.rule": "Host(`w`)", ...traefikPort(8080) };
  return appSpec({ services: [serviceSpec({ labels: { ...routed, ...labels } })] });
}

test("what labels have Traefik ask is known, where it asks as it does by default", () => {
  const path = { [`${BALANCER}.healthCheck.path`]: "/ping" };
  expect(balancerHealth(app(path))).toMatchObject([{ router: "wiki", service: "app", port: 8080, path: "/ping" }]);
  expect(balancerHealth(app({}))).toEqual([]);
  for (const other of ["healthcheck.port", "healthcheck.method", "healthcheck.headers.X-A", "server.scheme"])
    expect(balancerHealth(app({ ...path, [`${BALANCER}.${other}`]: "x" }))).toEqual([]);
});

test.each([
  [200, undefined],
  [302, undefined],
  [404, /^Traefik takes app out: label \S+healthcheck\.path has it ask \/ping, which has to answer 200 to 399\nGET /],
])("an answer of %i: %s", async (status, said) => {
  const probe = new Probe(connect("unix:///nonexistent/docker.sock"), "probe");
  probe.http = async () => ({ status, contentType: "", body: "", headers: {}, durationMs: 1 });
  const one = app({ [`${BALANCER}.healthcheck.path`]: "ping" });
  const [health] = balancerHealth(app({ [`${BALANCER}.healthcheck.path`]: "/ping" }));
  const clock = new TestClock();
  const asked = isKept(checkContext({ app: one, probe, clock }), present(health, "a health check"), {
    deadline: "5 s",
    owner: "recipe",
    clock,
  });
  const outcome = await asked.catch(({ message }: Error) => message);
  if (said) expect(outcome).toMatch(said);
  else expect(outcome).toBeUndefined();
});

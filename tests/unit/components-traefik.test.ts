import { describe, expect, test } from "vitest";
import { replacement, type TraefikPlan, traefikRules, traefikService } from "../../components/render/traefik.ts";

const plan: TraefikPlan = {
  image: "traefik:v3.6.15@sha256:0123",
  baseDomain: "ci.test",
  address: "10.0.0.1",
  entryPoints: [
    { name: "gitea-ssh", port: 2222, protocol: "tcp" },
    { name: "voice", port: 64738, protocol: "udp" },
  ],
  ports: { web: 80, webSecure: 443 },
  ipvs: false,
  labels: { "recipe-ci.owner": "recipe-ci/local" },
};
const file = (name: string) => ({ id: `${name}-id`, name: `recipe-ci-traefik-${name}` });
const files = { network: "proxy-id", key: file("key"), chain: file("certificate"), rules: file("rules") };

describe("a node's Traefik as a service", () => {
  test("without IPVS", () => {
    expect(traefikService(plan, files)).toMatchSnapshot();
    expect(traefikRules()).toMatchSnapshot();
  });

  test("publishes by the mesh and starts first where there is IPVS, and says which", () => {
    const { UpdateConfig, EndpointSpec } = traefikService({ ...plan, ipvs: true }, files);
    expect([UpdateConfig.Order, EndpointSpec.Mode]).toEqual(["start-first", "vip"]);
    expect(new Set(EndpointSpec.Ports.map(({ PublishMode }) => PublishMode))).toEqual(new Set(["ingress"]));
    expect(replacement({ ipvs: true })).toMatch(/without a gap/);
    expect(replacement({ ipvs: false })).toMatch(/a gap .* without IPVS/);
  });

  test("leaves to the engine which ports of the host it takes, where these are others'", () => {
    const { EndpointSpec } = traefikService({ ...plan, ports: { web: 0, webSecure: 0 }, entryPoints: [] }, files);
    expect(EndpointSpec.Ports).toEqual([
      { Protocol: "tcp", TargetPort: 80, PublishMode: "host" },
      { Protocol: "tcp", TargetPort: 443, PublishMode: "host" },
    ]);
  });
});

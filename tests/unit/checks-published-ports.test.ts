import { describe, expect, test } from "vitest";
import { Probe } from "../../checks/probe.ts";
import { listens, publishedAlone } from "../../checks/published-ports.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext, serviceSpec, TestClock, traefikPort } from "../fixtures/spec.ts";

const port = (published: number | undefined, target: number, protocol: "tcp" | "udp" = "tcp") => {
  return { published, target, protocol, mode: "ingress" } as const;
};
const app = (over: Partial<ServiceSpec>) => appSpec({ services: [serviceSpec(over)] });

/** What listens at some ports. */
class Listening extends Probe {
  private readonly ports: readonly number[];

  constructor(...ports: number[]) {
    super(connect("unix:///nonexistent/docker.sock"), "probe");
    this.ports = ports;
  }

  override async tcp(_host: string, target: number): Promise<string | undefined> {
    return this.ports.includes(target) ? undefined : `port ${target} refuses`;
  }

  override async takesUdp(_host: string, target: number): Promise<string | undefined> {
    return this.ports.includes(target) ? undefined : `datagrams to ${target} are refused`;
  }
}

function outcome(of: ReturnType<typeof app>, ...ports: number[]) {
  const context = checkContext({ app: of, probe: new Listening(...ports), clock: new TestClock() });
  const seen = listens(publishedAlone(of), "30 s")(context);
  return seen.then(({ summary }) => summary).catch((error: Error) => error.message);
}

describe("a service that users reach by its published ports alone", () => {
  const two = app({ ports: [port(2222, 22), port(8448, 8448)] });

  test("fails where nothing listens behind any of them", async () => {
    expect(await outcome(two)).toMatch(
      /^app publishes 2222 \(port 22 of its containers\), 8448 \(port 8448 .*\), and nothing listens there: .*\n.*port 22 refuses, port 8448 refuses/s,
    );
  });

  test("is up where something listens behind one", async () => {
    expect(await outcome(two, 8448)).toBe("app:8448");
  });

  test("is asked by datagrams where it publishes UDP alone", async () => {
    const both = [port(51820, 51820, "udp"), port(51821, 51821)];
    expect(publishedAlone(app({ ports: both }))).toMatchObject([{ ports: [{ target: 51821 }] }]);
    const names = app({ ports: [port(53, 5300, "udp")] });
    expect(await outcome(names, 5300)).toBe("app:5300");
    expect(await outcome(names, 53)).toContain("datagrams to 5300 are refused");
  });
});

test.each<[string, Partial<ServiceSpec>]>([
  [
    "has a router",
    {
      labels: { "traefik.enable": "true", "traefik.http.routers.w.rule": "Host(`w`)", ...traefikPort(80) },
      ports: [port(2222, 22)],
    },
  ],
  ["lets the engine choose", { ports: [port(undefined, 80)] }],
  ["is a job", { mode: { kind: "replicated-job", totalCompletions: 1, maxConcurrent: 1 }, ports: [port(1, 1)] }],
])("nothing is asked of a service that %s", (_, over) => {
  expect(publishedAlone(app(over))).toEqual([]);
});

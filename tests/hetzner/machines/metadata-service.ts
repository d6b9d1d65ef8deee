import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ensureRules, ruleTag } from "../../../machine/network/firewall.ts";
import type { Network } from "../../../machine/network/network.ts";
import type { MachineOrder } from "../emulator/machines.ts";

/** Where every server finds what it is. It asks nobody who he is. */
export const METADATA_ADDRESS = "169.254.169.254";

/** The metadata service of all machines on a bridge. Its rule goes with the bridge's others. */
export class MetadataService {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `whoHas` gives the machine with an address. */
  static async start(
    network: Network,
    whoHas: (address: string) => MachineOrder | undefined,
  ): Promise<MetadataService> {
    const server = createServer((request, response) => {
      const order = whoHas(request.socket.remoteAddress ?? "");
      const text = order && answerOf(order, request.url ?? "");
      response.writeHead(text === undefined ? 404 : 200, { "Content-Type": "text/plain" }).end(text ?? "not found\n");
    });
    await new Promise<void>((resolve) => server.listen(0, network.gateway, resolve));
    const { port } = server.address() as AddressInfo;
    const from = ["-i", network.bridge, "-d", `${METADATA_ADDRESS}/32`, "-p", "tcp", "-m", "tcp", "--dport", "80"];
    const tag = ["-m", "comment", "--comment", ruleTag(network.bridge)];
    const match = [...from, ...tag, "-j", "DNAT", "--to-destination", `${network.gateway}:${port}`];
    await ensureRules([{ table: "nat", chain: "PREROUTING", match }]);
    return new MetadataService(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function answerOf(order: MachineOrder, path: string): string | undefined {
  const facts: Record<string, string> = {
    "instance-id": String(order.id),
    hostname: order.name,
    "public-ipv4": order.ipv4 ?? "",
    "public-keys": JSON.stringify(order.sshKeys),
  };
  if (path === "/hetzner/v1/userdata") return order.userData;
  if (path === "/hetzner/v1/metadata")
    return Object.entries(facts)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join("");
  return facts[path.replace("/hetzner/v1/metadata/", "")];
}

import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";

/** Shows lines to the user at a resource, through the engine. */
export class EngineLog {
  #client: engineGrpc.EngineClient | undefined;
  #pending = new Set<Promise<void>>();

  /** `address`: where the engine listens; empty when there is none, and then nothing is shown. */
  connect(address: string): void {
    this.#client?.close();
    this.#client = address ? new engineGrpc.EngineClient(address, grpc.credentials.createInsecure()) : undefined;
  }

  /** Shows one line. Lines that can't be shown are dropped: a command must not fail for that. */
  info(urn: string, message: string): void {
    const client = this.#client;
    if (!client) return;
    const request = new enginePb.LogRequest().setSeverity(enginePb.LogSeverity.INFO).setUrn(urn).setMessage(message);
    const sent = new Promise<void>((resolve) => void client.log(request, () => resolve()));
    this.#pending.add(sent);
    void sent.then(() => this.#pending.delete(sent));
  }

  /** Waits until every line so far has reached the engine: before a resource is reported as done. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }
}

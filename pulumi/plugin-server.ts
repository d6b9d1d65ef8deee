import { fstatSync } from "node:fs";
import grpc from "@grpc/grpc-js";

/** Sizes and keep-alive as Pulumi's own Go plugins have them: a state or a schema may be large. */
const CHANNEL_OPTIONS = { "grpc.max_receive_message_length": 400 << 20, "grpc.max_send_message_length": 400 << 20 };

export interface PluginService {
  definition: grpc.ServiceDefinition;
  handlers: grpc.UntypedServiceImplementation;
  /** Ends what the plugin has running. Awaited before the process exits; may be called more than once. */
  shutdown(): Promise<void>;
}

/**
 * Serves a Pulumi plugin as Pulumi expects it: a gRPC server on a loopback port of the system's choice, whose
 * number is the first line on standard output. The process ends on SIGINT or SIGTERM (Pulumi sends SIGINT when
 * it closes a plugin and SIGKILL five seconds later) and when Pulumi is gone, which is seen by the end of
 * standard input: Pulumi holds the other end of that pipe.
 */
export async function servePlugin(service: PluginService): Promise<void> {
  const server = new grpc.Server(CHANNEL_OPTIONS);
  server.addService(service.definition, { ...unimplemented(service.definition), ...service.handlers });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const exit = () => void service.shutdown().finally(() => process.exit(0));
  process.on("SIGINT", exit);
  process.on("SIGTERM", exit);
  if (fstatSync(0).isFIFO()) process.stdin.on("end", exit).on("error", exit).resume();
  process.stdout.write(`${port}\n`);
}

/** An answer for every method of a service that has no handler, naming it. */
function unimplemented(definition: grpc.ServiceDefinition): grpc.UntypedServiceImplementation {
  const handlers: grpc.UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(definition)) {
    const status = { code: grpc.status.UNIMPLEMENTED, details: `this Pulumi plugin has no method ${method.path}` };
    handlers[name] = method.responseStream
      ? (call: grpc.ServerWritableStream<unknown, unknown>) => void call.emit("error", status)
      : (_call: grpc.ServerUnaryCall<unknown, unknown>, callback: grpc.sendUnaryData<unknown>) => callback(status);
  }
  return handlers;
}

/** Turns an async function into a unary gRPC handler; an error's message is what Pulumi shows. */
export function unary<Request, Response>(
  handle: (request: Request, call: grpc.ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request, call))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(asStatus(error)),
      );
  };
}

function asStatus(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  return { code: grpc.status.UNKNOWN, details: message };
}

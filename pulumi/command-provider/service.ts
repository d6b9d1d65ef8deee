import { randomBytes } from "node:crypto";
import type grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import { type PluginService, unary } from "../plugin-server.ts";
import { Empty, Struct } from "../protobuf.ts";
import { VERSIONS } from "../versions.ts";
import { type Change, changedInputs } from "./diff.ts";
import { EngineLog } from "./engine-log.ts";
import { checkInputs, isResourceType, type ResourceType } from "./inputs.ts";
import { create, type Operation, preview, remove, update } from "./lifecycle.ts";
import type { Properties } from "./values.ts";

/**
 * The command provider over the provider protocol (pulumi/pulumi proto/pulumi/provider.proto), spoken directly:
 * the SDK's own provider server knows neither previews nor secrets, and asks for no old inputs in a diff.
 */
export function commandProvider(engineAddress: string): PluginService {
  const log = new EngineLog();
  log.connect(engineAddress);
  const running = new Map<AbortController, Promise<unknown>>();

  const shutdown = async () => {
    for (const controller of running.keys()) controller.abort(new Error("cancelled"));
    await Promise.allSettled(running.values());
  };

  /** Runs one operation, which ends with the plugin, with its own time limit, and after all its lines are shown. */
  async function operate<T>(urn: string, timeout: number, work: (operation: Operation) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timer =
      timeout > 0
        ? setTimeout(() => controller.abort(new Error(`not done within ${timeout} s`)), timeout * 1000)
        : undefined;
    const done = work({ signal: controller.signal, log: (line) => log.info(urn, line) });
    running.set(controller, done);
    try {
      return await done;
    } finally {
      clearTimeout(timer);
      running.delete(controller);
      await log.flush();
    }
  }

  return {
    definition: providerGrpc.ResourceProviderService as unknown as grpc.ServiceDefinition,
    shutdown,
    handlers: {
      handshake: unary((request: provider.ProviderHandshakeRequest) => {
        if (request.getEngineAddress()) log.connect(request.getEngineAddress());
        return new provider.ProviderHandshakeResponse().setAcceptSecrets(true);
      }),
      attach: unary((request: plugin.PluginAttach) => {
        log.connect(request.getAddress());
        return new Empty();
      }),
      getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(VERSIONS.plugins.command)),
      getSchema: unary(() =>
        new provider.GetSchemaResponse().setSchema(
          JSON.stringify({ name: "command", version: VERSIONS.plugins.command }),
        ),
      ),
      checkConfig: unary((request: provider.CheckRequest) =>
        new provider.CheckResponse().setInputs(request.getNews() ?? new Struct()),
      ),
      diffConfig: unary(() => new provider.DiffResponse()),
      configure: unary(() => new provider.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
      invoke: unary((request: provider.InvokeRequest) => {
        throw new Error(`${request.getTok()} is not served by this build of the command provider`);
      }),
      check: unary((request: provider.CheckRequest) => check(typeOf(request.getUrn()), request)),
      diff: unary((request: provider.DiffRequest) => diff(typeOf(request.getUrn()), request)),
      create: unary(async (request: provider.CreateRequest) => {
        const type = typeOf(request.getUrn());
        const inputs = properties(request.getProperties());
        const state = request.getPreview()
          ? preview(type, "create", inputs, {})
          : await operate(request.getUrn(), request.getTimeout(), (operation) => create(type, inputs, operation));
        const id = request.getPreview() ? "" : `${nameOf(request.getUrn())}${randomBytes(4).toString("hex")}`;
        return new provider.CreateResponse().setId(id).setProperties(toStruct(state));
      }),
      update: unary(async (request: provider.UpdateRequest) => {
        const type = typeOf(request.getUrn());
        const [olds, news] = [properties(request.getOlds()), properties(request.getNews())];
        const state = request.getPreview()
          ? preview(type, "update", news, olds)
          : await operate(request.getUrn(), request.getTimeout(), (operation) => update(type, olds, news, operation));
        return new provider.UpdateResponse().setProperties(toStruct(state));
      }),
      delete: unary(async (request: provider.DeleteRequest) => {
        const state = properties(request.getProperties());
        await operate(request.getUrn(), request.getTimeout(), (operation) =>
          remove(typeOf(request.getUrn()), state, operation),
        );
        return new Empty();
      }),
      // Nothing can be looked up: a command's result is what it was.
      read: unary((request: provider.ReadRequest) =>
        new provider.ReadResponse()
          .setId(request.getId())
          .setProperties(request.getProperties())
          .setInputs(request.getInputs()),
      ),
      cancel: unary(async () => {
        await shutdown();
        return new Empty();
      }),
    },
  };
}

function check(type: ResourceType, request: provider.CheckRequest): provider.CheckResponse {
  const response = new provider.CheckResponse().setInputs(request.getNews() ?? new Struct());
  for (const { property, reason } of checkInputs(type, properties(request.getNews())))
    response.addFailures(new provider.CheckFailure().setProperty(property).setReason(reason));
  return response;
}

function diff(type: ResourceType, request: provider.DiffRequest): provider.DiffResponse {
  const olds = properties(request.getOldInputs() ?? request.getOlds());
  const ignored = request.getIgnorechangesList();
  const changes = changedInputs(type, olds, properties(request.getNews())).filter(
    ({ name }) => !ignored.includes(name),
  );
  const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
  const response = new provider.DiffResponse()
    .setChanges(changes.length ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(changes.map(({ name }) => name))
    .setReplacesList(changes.filter(({ replace }) => replace).map(({ name }) => name))
    .setHasdetaileddiff(true);
  for (const change of changes)
    response
      .getDetaileddiffMap()
      .set(change.name, new provider.PropertyDiff().setKind(diffKind(change)).setInputdiff(true));
  return response;
}

function diffKind({ kind, replace }: Change): provider.PropertyDiff.Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = provider.PropertyDiff.Kind;
  const kinds = {
    add: [ADD, ADD_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
  } as const;
  return kinds[kind][replace ? 1 : 0];
}

/** A URN is `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`; a name may hold `::` too. */
function typeOf(urn: string): ResourceType {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  if (!isResourceType(type)) throw new Error(`${type} is not served by this build of the command provider`);
  return type;
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function properties(value: StructMessage | undefined): Properties {
  return (value?.toJavaScript() ?? {}) as Properties;
}

function toStruct(value: Properties): StructMessage {
  return Struct.fromJavaScript(value);
}

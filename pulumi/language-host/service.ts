import { spawn } from "node:child_process";
import type grpc from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { type PluginService, unary } from "../plugin-server.ts";
import { Empty } from "../protobuf.ts";
import { VERSIONS } from "../versions.ts";
import { parseRuntimeOptions } from "./options.ts";
import { directDependencies, installedPackages, requiredPlugins } from "./packages.ts";
import { Program } from "./program.ts";

/**
 * The Node language host: what the Pulumi engine asks of `pulumi-language-nodejs` to run a program
 * (pulumi/pulumi proto/pulumi/language.proto). Code generation and running plugins from source are left out.
 */
export function languageHost(address: string): PluginService {
  let engineAddress = address;
  const programs = new Set<Program>();
  const shutdown = async () => {
    await Promise.all([...programs].map((program) => program.cancel()));
  };

  async function run(request: language.RunRequest): Promise<language.RunResponse> {
    const response = new language.RunResponse();
    const options = parseRuntimeOptions(givenOptions(request.getInfo()));
    if (request.getAttachDebugger()) throw new Error("this Node language host can't attach a debugger");
    const program = new Program(request, options, engineAddress);
    programs.add(program);
    const end = await program.end().finally(() => programs.delete(program));
    if (end.kind === "bail") response.setBail(true);
    if (end.kind === "error") response.setError(end.message);
    return response;
  }

  return {
    definition: languageGrpc.LanguageRuntimeService as unknown as grpc.ServiceDefinition,
    shutdown,
    handlers: {
      handshake: unary((request: language.LanguageHandshakeRequest) => {
        engineAddress = request.getEngineAddress() || engineAddress;
        return new language.LanguageHandshakeResponse();
      }),
      getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(VERSIONS.cli)),
      getRequiredPackages: unary(requiredPackages),
      about: unary(() =>
        new language.AboutResponse().setExecutable(process.execPath).setVersion(process.versions.node),
      ),
      getProgramDependencies: unary(programDependencies),
      installDependencies,
      runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
      template: unary(() => new Empty()),
      run: unary(run),
      cancel: unary(async () => {
        await shutdown();
        return new Empty();
      }),
    },
  };
}

function givenOptions(info: language.ProgramInfo | undefined): Record<string, unknown> {
  return (info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>;
}

async function requiredPackages(
  request: language.GetRequiredPackagesRequest,
): Promise<language.GetRequiredPackagesResponse> {
  const response = new language.GetRequiredPackagesResponse();
  for (const { name, version, server } of await requiredPlugins(request.getInfo()?.getProgramDirectory() ?? "."))
    response.addPackages(
      new plugin.PackageDependency().setName(name).setKind("resource").setVersion(version).setServer(server),
    );
  return response;
}

async function programDependencies(
  request: language.GetProgramDependenciesRequest,
): Promise<language.GetProgramDependenciesResponse> {
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const direct = await directDependencies(directory);
  const response = new language.GetProgramDependenciesResponse();
  for (const { name, version } of await installedPackages(directory))
    if (request.getTransitivedependencies() || direct.has(name))
      response.addDependencies(new language.DependencyInfo().setName(name).setVersion(version));
  return response;
}

/** Runs `npm install` in the program's folder and streams what it says. */
function installDependencies(
  call: grpc.ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
): void {
  const info = call.request.getInfo();
  const fail = (message: string) => call.emit("error", { code: 2, details: message });
  try {
    parseRuntimeOptions(givenOptions(info));
  } catch (error) {
    fail((error as Error).message);
    return;
  }
  const cwd = info?.getProgramDirectory() || call.request.getDirectory();
  const child = spawn("npm", ["install"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (piece: Buffer) => call.write(new language.InstallDependenciesResponse().setStdout(piece)));
  child.stderr.on("data", (piece: Buffer) => call.write(new language.InstallDependenciesResponse().setStderr(piece)));
  call.on("cancelled", () => child.kill());
  child.on("error", (error) => fail(`npm install could not run: ${error.message}`));
  child.on("close", (code) => (code === 0 ? call.end() : fail(`npm install failed with exit code ${code}`)));
}

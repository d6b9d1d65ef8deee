import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { exec, run } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { home } from "../../lib/home.ts";
import { until } from "../../lib/until.ts";
import { goEnvironment } from "../../pulumi/go.ts";
import { filledFolder } from "../fixtures/filled-folder.ts";

/** A store of states that runs on this machine, for one test. Dispose of it after use. */
export interface StateStore extends AsyncDisposable {
  /** What `PULUMI_BACKEND_URL` has to be, and what else opens it. */
  env: Record<string, string>;
}

/** One bucket of S3. */
export interface Bucket extends StateStore {
  /** Its address. */
  url: string;
  /** `ID:SECRET` of who may do everything. */
  keys: string;
  /** Folder of this machine in which its objects are files. */
  folder: string;
}

/** S3 on a folder by Versity's gateway, which Go builds at first use: minutes. */
const GATEWAY = { module: "github.com/versity/versitygw/cmd/versitygw", version: "v1.8.0" };
const KEYS = { accessKey: "state", secretKey: "state-of-tests" };
const BUCKET = "state";
const POSTGRES = "/usr/lib/postgresql";

/** S3 with one bucket. @param host address of this machine that it is reached at */
export async function s3Store(host = "127.0.0.1"): Promise<Bucket> {
  const program = await gateway();
  return filledFolder("s3", (folder) => startGateway(program, host, folder));
}

async function startGateway(program: string, host: string, folder: string): Promise<Bucket> {
  const [port] = await freePorts(1);
  const env = { ...process.env, ROOT_ACCESS_KEY: KEYS.accessKey, ROOT_SECRET_KEY: KEYS.secretKey };
  const child = spawn(program, ["--port", `${host}:${port}`, "--quiet", "posix", folder], { env, stdio: "ignore" });
  const credentials = `${KEYS.accessKey}:${KEYS.secretKey}`;
  const url = `http://${host}:${port}/${BUCKET}`;
  const signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
  const make = ["curl", "--silent", "--fail", "--request", "PUT", ...signed];
  await ready("the S3 gateway", child, [...make, "--config", "-", url], `user = "${credentials}"\n`);
  const query = `endpoint=http://${host}:${port}&s3ForcePathStyle=true&region=us-east-1`;
  return {
    ...{ url, keys: credentials, folder: join(folder, BUCKET) },
    env: {
      PULUMI_BACKEND_URL: `s3://${BUCKET}?${query}`,
      AWS_ACCESS_KEY_ID: KEYS.accessKey,
      AWS_SECRET_ACCESS_KEY: KEYS.secretKey,
    },
    [Symbol.asyncDispose]: () => end(child, "SIGTERM", folder),
  };
}

/** Debian's Postgres with one data base. */
export async function postgresStore(): Promise<StateStore> {
  const version = (await readdir(POSTGRES).catch(() => [])).at(-1);
  if (version === undefined) throw new Error("this test needs Postgres: apt-get install postgresql");
  return filledFolder("postgres", (folder) => startPostgres(join(POSTGRES, version, "bin"), folder));
}

async function startPostgres(programs: string, folder: string): Promise<StateStore> {
  const program = (name: string) => join(programs, name);
  await exec(["/usr/bin/chown", "postgres", folder]);
  const data = join(folder, "data");
  // It refuses to run as root.
  const user = {
    uid: Number(await exec(["/usr/bin/id", "-u", "postgres"])),
    gid: Number(await exec(["/usr/bin/id", "-g", "postgres"])),
  };
  await exec(
    ["/usr/sbin/runuser", "-u", "postgres", "--", program("initdb"), "-D", data, "-A", "trust", "-U", "state"],
    {
      cwd: folder,
    },
  );
  const [port] = await freePorts(1);
  const options = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"];
  const child = spawn(program("postgres"), options, { ...user, cwd: folder, stdio: "ignore" });
  const asked = ["--host=127.0.0.1", `--port=${port}`, "--username=state", "state"];
  await ready("Postgres", child, [program("createdb"), ...asked]);
  return {
    env: { PULUMI_BACKEND_URL: `postgres://state@127.0.0.1:${port}/state?sslmode=disable` },
    // Ends without waiting for clients.
    [Symbol.asyncDispose]: () => end(child, "SIGINT", folder),
  };
}

async function gateway(): Promise<string> {
  const { module, version } = GATEWAY;
  const folder = home("tests", `versitygw-${version}`);
  const program = join(folder, "versitygw");
  if (await exists(program)) return program;
  await exec(["go", "install", `${module}@${version}`], { env: { ...goEnvironment(), GOBIN: folder }, cwd: "/" });
  return program;
}

/** Waits until a command succeeds that only a server that is up lets succeed. */
async function ready(what: string, child: ChildProcess, argv: readonly string[], input?: string): Promise<void> {
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode}`);
      const { code, stderr } = await run(argv as [string, ...string[]], { input, cwd: "/" });
      return code === 0 ? { done: true, value: undefined } : { done: false, reason: stderr.trim() || `code ${code}` };
    },
    { what, deadline: "60 s", every: "500 ms" },
  ).catch(async (error: unknown) => {
    await ended(child, "SIGTERM");
    throw error;
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  await ended(child, signal);
  await rm(folder, { recursive: true, force: true });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

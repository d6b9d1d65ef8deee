import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { until } from "../../lib/until.ts";
import { newAuthority, wildcardCertificate } from "../../nodes/authority.ts";
import { OF_TESTS } from "../host-programs.js";

/** An authority that speaks ACME, on loopback: Let's Encrypt's own server for tests. Dispose of it after use. */
export interface Pebble extends AsyncDisposable {
  directory: string;
  /** Authorities to be trusted, as PEM: of its own TLS, and what its certificates lead to. */
  authorities: string;
}

/** @param dns `host:port` of the name server that it looks names up at */
export async function startPebble(dns: string): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-pebble-"));
  const [port, management] = [await freePort(), await freePort()];
  const tls = await newAuthority("the test's");
  const { key, certificate } = await wildcardCertificate(tls, "localhost");
  await writeFile(join(folder, "key.pem"), key, { mode: 0o600 });
  await writeFile(join(folder, "certificate.pem"), certificate);
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: join(folder, "certificate.pem"),
    privateKey: join(folder, "key.pem"),
    httpPort: 5002,
    tlsPort: 5001,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  await writeFile(join(folder, "config.json"), JSON.stringify({ pebble }));
  const program = OF_TESTS.find(({ name }) => name === "pebble");
  const path = process.env[program?.variable ?? ""] ?? program?.path ?? "";
  const child = spawn(path, ["-config", join(folder, "config.json"), "-dnsserver", dns], {
    // Left to itself it waits up to fifteen seconds before it looks, as the real one may, and of half the names that it
    // knows by now it asks no proof, by chance (its README: PEBBLE_AUTHZREUSE).
    env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_AUTHZREUSE: "0" },
    stdio: "ignore",
  });
  const end = async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const agent = new Agent({ ca: tls.certificate });
    const root = await fetched(`https://localhost:${management}/roots/0`, agent);
    const authorities = `${tls.certificate}${root}`;
    return { directory: `https://localhost:${port}/dir`, authorities, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function fetched(url: string, agent: Agent): Promise<string> {
  return until(
    async () => {
      const answer = new Promise<string>((resolve, reject) => {
        get(url, { agent, family: 4 }, (response) => resolve(text(response))).once("error", reject);
      });
      return answer.then(
        (value) => ({ done: true as const, value }),
        (error: Error) => ({ done: false as const, reason: error.message }),
      );
    },
    { what: `pebble at ${url}`, deadline: "30 s", every: "50 ms" },
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

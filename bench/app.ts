import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppSpec } from "../compose/app-spec.ts";
import { loadApp } from "../compose/load.ts";
import { dockerCli } from "../machine/docker-cli.ts";
import { repoFromFolder } from "../source/folder-repo.ts";

const IMAGE = "nginx:1.26.3";

/** A recipe of some services, each with a volume of its own, on one network: written out, and read as any other. */
export interface BenchApp {
  app: AppSpec;
  /** The same for `docker stack deploy`: the compose file and the variables it needs. */
  composeFile: string;
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** What an app is made of. */
export interface Shape {
  services: number;
  /** own: a network made with the app; proxy: the one every web app shares, as in custom-html. */
  network: "own" | "proxy";
}

/** Writes and loads an app of a shape under a domain. */
export async function benchApp(shape: Shape, domain: string): Promise<BenchApp> {
  const root = await mkdtemp(join(tmpdir(), "recipe-ci-bench-"));
  const folder = join(root, "recipe");
  await writeFolder(folder, shape);
  const repo = await repoFromFolder({ folder, cacheDir: join(root, "git") });
  const commit = await repo.resolve("HEAD");
  const checkout = await repo.checkout(commit);
  const app = await loadApp({ checkout, recipe: "bench", commit, domain, dockerCli: await dockerCli() });
  return {
    app,
    composeFile: join(folder, "compose.yml"),
    env: { STACK_NAME: app.namespace, DOMAIN: domain },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function writeFolder(folder: string, { services, network }: Shape): Promise<void> {
  await mkdir(folder, { recursive: true });
  const keys = Array.from({ length: services }, (_, index) => (index === 0 ? "app" : `part${index}`));
  // Both sides are to verify for one second that tasks stay up; dnsrr, since the kernel may lack IPVS.
  const service = (key: string) => `  ${key}:
    image: ${IMAGE}
    networks: [net]
    volumes: ["${key}:/usr/share/nginx/html"]
    deploy:
      endpoint_mode: dnsrr
      update_config: { monitor: 1s }
      labels:
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+1.26.3"
    healthcheck:
      test: ["CMD", "curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1/"]
      interval: 1s
      timeout: 3s
      retries: 5
`;
  const declared = network === "proxy" ? "  net: { external: true, name: proxy }\n" : "  net:\n";
  const volumes = keys.map((key) => `  ${key}:\n`).join("");
  const text = `version: "3.8"\nservices:\n${keys.map(service).join("")}networks:\n${declared}volumes:\n${volumes}`;
  await writeFile(join(folder, "compose.yml"), text);
  await writeFile(join(folder, ".env.sample"), "TYPE=bench\nDOMAIN=bench.example.com\n");
  await writeFile(join(folder, "abra.sh"), "# no versions\n");
}

import { randomInt } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { followProgress } from "../../images/progress.ts";
import { until } from "../../lib/until.ts";
import { tarball } from "../../swarm/tarball.ts";
import { IMAGE, type TestRun } from "./swarm-fixture.ts";

/** A registry that is closed to who has no login, on the node's own loopback, with one image. */
export interface ClosedRegistry {
  /** Reference of the image. */
  image: string;
  /** What opens it, in the form of Docker's config.json. */
  logins: string;
  password: string;
}

const USER = "ci";
const PASSWORD = "secret-of-tests";
/** Of the password, by bcrypt at its cheapest. */
const HTPASSWD = `${USER}:$2b$04$abcdefghijklmnopqrstuuCrW5kKW/8jRvN/doHKUAcVT7zHBgz4i\n`;

const config = (port: number) => `version: 0.1
storage: { filesystem: { rootdirectory: /tmp/registry } }
http: { addr: 127.0.0.1:${port} }
auth: { htpasswd: { realm: tests, path: /htpasswd } }
`;

/** Starts Debian's registry, which the node has for its mirror, in a container; it goes with the run. */
export async function closedRegistry({ swarm: { docker }, labels }: TestRun): Promise<ClosedRegistry> {
  const port = randomInt(20_000, 30_000);
  const host = `127.0.0.1:${port}`;
  const container = await docker.createContainer({
    Image: IMAGE,
    Cmd: ["/usr/bin/docker-registry", "serve", "/registry.yml"],
    Labels: labels,
    HostConfig: { NetworkMode: "host", Binds: ["/usr:/usr:ro", "/lib:/lib:ro", "/lib64:/lib64:ro"] },
  });
  const files = [
    { name: "registry.yml", content: config(port) },
    { name: "htpasswd", content: HTPASSWD },
  ];
  await container.putArchive(await tarball(files), { path: "/" });
  await container.start();
  // The files of that image without its labels, which say that it is a stand-in.
  await docker.importImage(await container.export(), { repo: `${host}/closed`, tag: "1" }).then(buffer);
  const copy = docker.getImage(`${host}/closed:1`);
  const authconfig = { username: USER, password: PASSWORD, serveraddress: host };
  await until(
    async () => {
      try {
        await followProgress(await copy.push({ authconfig }), undefined, () => undefined);
        return { done: true, value: undefined };
      } catch (error) {
        return { done: false, reason: (error as Error).message };
      }
    },
    { what: "a push to the registry", deadline: "20 s" },
  );
  await copy.remove({ noprune: true });
  const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
  return { image: `${host}/closed:1`, logins: JSON.stringify({ auths: { [host]: { auth } } }), password: PASSWORD };
}

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../lib/exec.ts";
import { present } from "../../lib/present.ts";
import { machineLayout } from "../../machine/layout.ts";
import { leaderPid, supervision } from "../../machine/power.ts";

const OPENSSL = process.env.RECIPE_CI_TEST_OPENSSL ?? "/usr/bin/openssl";
const PORT = 2376;
/** Where a machine has what its engine shows. */
const FOLDER = "/etc/docker/tls";
const DROP_INS = "/etc/systemd/system/docker.service.d";

/** An authority of a test's own, and a client's certificate by it, as Docker's CLI wants them in one folder. */
export class TestAuthority {
  /** With `ca.pem`, `cert.pem` and `key.pem`. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(folder: string): Promise<TestAuthority> {
    await mkdir(folder, { recursive: true });
    const names = ["-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=recipe-ci test authority"];
    await openssl(folder, "req", "-x509", ...NEW_KEY, ...names);
    const authority = new TestAuthority(folder);
    await authority.issue("", "clientAuth");
    return authority;
  }

  /** Issues `<prefix>cert.pem` with its key. @param address that it is for, where a server has it */
  async issue(prefix: string, use: "clientAuth" | "serverAuth", address?: string): Promise<void> {
    const more = [`extendedKeyUsage=${use}`, ...(address ? [`subjectAltName=IP:${address}`] : [])];
    await openssl(
      this.folder,
      ...["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca-key.pem", ...NEW_KEY, "-subj", "/CN=test"],
      ...["-addext", "basicConstraints=critical,CA:false", ...more.flatMap((line) => ["-addext", line])],
      ...["-keyout", `${prefix}key.pem`, "-out", `${prefix}cert.pem`],
    );
  }

  /** Makes the engine of a machine listen behind TLS as well, to who shows a certificate; gives its docker host. */
  async listen(name: string, address: string): Promise<string> {
    const { root } = machineLayout(name);
    await this.issue(`${name}-`, "serverAuth", address);
    for (const folder of [FOLDER, DROP_INS]) await mkdir(join(root, folder), { recursive: true });
    const [cert, key] = [`${name}-cert.pem`, `${name}-key.pem`];
    for (const file of ["ca.pem", cert, key]) await copyFile(join(this.folder, file), join(root, FOLDER, file));
    const files = `--tlscacert=${FOLDER}/ca.pem --tlscert=${FOLDER}/${cert} --tlskey=${FOLDER}/${key}`;
    const command = "/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock";
    const listens = `${command} -H tcp://0.0.0.0:${PORT} --tlsverify ${files}`;
    await writeFile(join(root, DROP_INS, "tls.conf"), `[Service]\nExecStart=\nExecStart=${listens}\n`);
    const leader = await leaderPid(present(await supervision(machineLayout(name)), `${name} runs`));
    for (const what of [["daemon-reload"], ["restart", "docker"]])
      await exec(["nsenter", "--target", String(leader), "--all", "systemctl", ...what]);
    return `tcp://${address}:${PORT}`;
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

function openssl(cwd: string, ...args: string[]): Promise<string> {
  return exec([OPENSSL, ...args], { cwd });
}

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";

/** What a client shows to an engine behind TLS, and what it knows it by; as PEM. */
export interface TlsFiles {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

/**
 * Folder of `ca.pem`, `cert.pem` and `key.pem`, where Docker's CLI looks as well: `DOCKER_CERT_PATH`, else
 * `DOCKER_CONFIG`, else `~/.docker`.
 */
export function tlsFolder(): string {
  return process.env.DOCKER_CERT_PATH || process.env.DOCKER_CONFIG || join(homedir(), ".docker");
}

/** @param dockerHost for whom. @throws UserError when one of them can't be read */
export function tlsFiles(dockerHost: string): TlsFiles {
  const read = (name: string) => {
    try {
      return readFileSync(join(tlsFolder(), name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new UserError(`cannot talk to the Docker Engine at ${dockerHost}: ${join(tlsFolder(), name)}: ${code}`, {
        remedy: "put ca.pem, cert.pem and key.pem of a client into one folder, and name it in DOCKER_CERT_PATH",
      });
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

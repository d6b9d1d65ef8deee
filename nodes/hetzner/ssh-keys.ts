import { generateKeyPairSync, randomBytes } from "node:crypto";

/** Both halves of a key, as OpenSSH writes them. */
export interface SshKeyPair {
  private: string;
  public: string;
}

const TYPE = "ssh-ed25519";
/** A private part is filled up to a multiple of this, by 1, 2, 3, … */
const BLOCK = 8;
const LINE = /.{1,70}/g;

/** A new ed25519 key without a passphrase, in the form of PROTOCOL.key of OpenSSH. */
export function newSshKey(): SshKeyPair {
  const { x = "", d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const [point, seed] = [Buffer.from(x, "base64url"), Buffer.from(d, "base64url")];
  const shown = Buffer.concat([field(TYPE), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, shown, field(Buffer.concat([seed, point])), field("")]);
  const filling = Buffer.from(Array.from({ length: -secret.length & (BLOCK - 1) }, (_, index) => index + 1));
  const key = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[field("none"), field("none"), field("")],
    ...[number(1), field(shown), field(Buffer.concat([secret, filling]))],
  ]);
  const lines = key.toString("base64").match(LINE) ?? [];
  return {
    private: ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n"),
    public: `${TYPE} ${shown.toString("base64")}`,
  };
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

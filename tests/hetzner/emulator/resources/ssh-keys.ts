import { createHash } from "node:crypto";
import { z } from "zod";
import { invalidField, notUnique } from "../api/api-error.ts";
import { name } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { created, del, NOTHING, post, type Route } from "../api/route.ts";
import { assertUniqueName } from "../store.ts";
import { commonRoutes, type Kind, type Resource } from "./kind.ts";

/** A public key that new servers let in. */
export interface SshKey extends Resource {
  public_key: string;
  /** MD5 of the key, in pairs of digits. */
  fingerprint: string;
}

const KIND: Kind<SshKey> = {
  plural: "ssh_keys",
  singular: "ssh_key",
  store: ({ sshKeys }) => sshKeys,
  view: (key) => key,
  filters: { fingerprint: ({ fingerprint }) => fingerprint },
  hasActions: false,
};

const request = z.object({ name, public_key: z.string(), labels: labels.default({}) });

export const SSH_KEY_ROUTES: readonly Route[] = [
  ...commonRoutes(KIND),
  post("/ssh_keys", (call) => {
    const { sshKeys } = call.project;
    const wanted = call.json(request);
    const fingerprint = fingerprintOf(wanted.public_key);
    assertUniqueName(sshKeys, wanted.name);
    // The same key can't be there twice, under whatever name.
    if (sshKeys.all().some((other) => other.fingerprint === fingerprint)) throw notUnique("public_key");
    const key = sshKeys.add({ id: call.world.nextId(), created: call.world.now(), fingerprint, ...wanted });
    return created({ ssh_key: key });
  }),
  del("/ssh_keys/:id", (call) => {
    const { sshKeys } = call.project;
    sshKeys.remove(sshKeys.get(call.id()).id);
    return NOTHING;
  }),
];

function fingerprintOf(publicKey: string): string {
  const match = /^(?:ssh-\S+|ecdsa-\S+|sk-\S+) ([A-Za-z0-9+/]+=*)(?:\s.*)?$/.exec(publicKey.trim());
  if (!match?.[1]) throw invalidField("public_key", "is not a valid ssh public key");
  const digest = createHash("md5").update(Buffer.from(match[1], "base64")).digest("hex");
  return digest.match(/../g)?.join(":") ?? "";
}

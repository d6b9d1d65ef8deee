import { z } from "zod";
import { goneDatacenter, hostname, id, idOrName } from "../api/fields.ts";
import { labels } from "../api/labels.ts";

/** Bytes of user data. */
export const USER_DATA_LIMIT = 32 * 1024;

export const userData = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= USER_DATA_LIMIT, `must be at most ${USER_DATA_LIMIT} bytes`);

const publicNet = z.object({
  enable_ipv4: z.boolean().default(true),
  enable_ipv6: z.boolean().default(true),
  ipv4: id.nullish(),
  ipv6: id.nullish(),
});

/** The body of `POST /servers`. */
export const serverRequest = z.object({
  name: hostname,
  server_type: idOrName,
  image: idOrName,
  location: idOrName.optional(),
  datacenter: goneDatacenter,
  start_after_create: z.boolean().default(true),
  placement_group: id.optional(),
  ssh_keys: z.array(idOrName).default([]),
  volumes: z.array(id).default([]),
  networks: z.array(id).default([]),
  firewalls: z.array(z.object({ firewall: id })).default([]),
  user_data: userData.default(""),
  labels: labels.default({}),
  automount: z.boolean().default(false),
  public_net: publicNet.default({ enable_ipv4: true, enable_ipv6: true }),
});

export type ServerRequest = z.output<typeof serverRequest>;

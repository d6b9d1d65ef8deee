// Builds the images that tests use, once and for all: on the local node, whose mirror keeps them. The other workers'
// nodes begin with a copy of that mirror; else each would build them all, at the same time, and take them away again.

import { ensureImages } from "../images/ensure.ts";
import { localMirror } from "../images/mirror.ts";
import { MAIL_IMAGE, PROBE_IMAGE, RESTIC_IMAGE } from "../images/own.ts";
import { IMAGE, OTHER_IMAGE, testSwarm } from "./live/swarm-fixture.ts";

/** One after the other in each lane, with a Debian of its own: a build keeps little more than one processor busy. */
const LANES = [
  [
    ...[
      "nginx:1.22.1",
      OTHER_IMAGE,
      "mumblevoip/mumble-server:v1.3.4-0",
      "mariadb:10.11",
      "redis:7.0",
      "wordpress:6.1",
    ],
    ...["postgres:17", "matrixdotorg/synapse:v1.139.2", MAIL_IMAGE],
  ],
  [
    ...["nginx:1.26.3", IMAGE, "alpine:3.22", PROBE_IMAGE, RESTIC_IMAGE],
    ...["mumblevoip/mumble-server:v1.5.735-0", "mariadb:11.8", "redis:8.0", "wordpress:6.8"],
    ...["keycloak/keycloak:26.0.7", "matrixdotorg/synapse:v1.163.2"],
  ],
];

const swarm = await testSwarm();
const mirror = await localMirror(swarm);
const lanes = LANES.map((names) =>
  ensureImages({ swarm, mirror, images: names.map((image) => ({ image, usedBy: {} })) }),
);
await Promise.all(lanes);

/** The image probes run from: curl. */
export const PROBE_IMAGE = "curlimages/curl:8.14.1";

/** The image backups are made with. */
export const RESTIC_IMAGE = "restic/restic:0.18.0";

/** The Traefik of a node. */
export const TRAEFIK_IMAGE = "traefik:v3.6.15";

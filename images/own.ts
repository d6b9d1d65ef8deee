/** The image probes run from: curl. */
export const PROBE_IMAGE = "curlimages/curl:8.14.1";

/** The image backups are made with. */
export const RESTIC_IMAGE = "restic/restic:0.18.0";

/** What catches the mail of apps. */
export const MAIL_IMAGE = "axllent/mailpit:v1.27.11";

/** The Traefik of a node. */
export const TRAEFIK_IMAGE = "traefik:v3.6.15";

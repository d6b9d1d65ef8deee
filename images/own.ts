/** The image probes run from: curl. */
export const PROBE_IMAGE = "curlimages/curl:8.14.1";

/** The image backups are made with. */
export const RESTIC_IMAGE = "restic/restic:0.18.0";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { archiveFolder } from "../checks/file-seed.ts";
import { REPOSITORY } from "../checks/restic.ts";
import type { Labels } from "../compose/app-spec.ts";
import { renderLabels } from "./render/labels.ts";

/** The image backups are made with. */
export const RESTIC_IMAGE = "restic/restic:0.18.0";

export interface BackupRoundTripArgs {
  /** Name of the helper container; the repository's volume is called the same plus `-repository`. */
  name: string;
  /** Image id (`sha256:…`): the provider replaces a container whose image is given by name on every update. */
  imageId: string;
  /** Names of the volumes to back up. */
  volumes: string[];
  runLabels: Labels;
}

/**
 * What a backup and a restore need on the node: a repository of the run's own, and a container that mounts it and
 * the app's volumes, laid out as in the archives of backup-bot-two. The checks run restic in it.
 */
export class BackupRoundTrip extends pulumi.ComponentResource {
  constructor(name: string, args: BackupRoundTripArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:BackupRoundTrip", name, {}, options);
    const labels = renderLabels(args.runLabels);
    const repository = new docker.Volume(
      "backup:repository",
      { name: `${args.name}-repository`, driver: "local", driverOpts: {}, labels },
      { parent: this },
    );
    new docker.Container(
      "backup:helper",
      {
        name: args.name,
        image: args.imageId,
        entrypoints: ["sleep", "86400"],
        labels,
        networkMode: "none",
        stopSignal: "SIGKILL",
        destroyGraceSeconds: 1,
        mounts: [
          { type: "volume", source: repository.name, target: REPOSITORY },
          ...args.volumes.map((volume) => ({ type: "volume", source: volume, target: archiveFolder(volume) })),
        ],
      },
      { parent: this, ignoreChanges: ["image"] },
    );
    this.registerOutputs();
  }
}

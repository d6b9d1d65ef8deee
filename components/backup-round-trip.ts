import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { archiveFolder } from "../checks/volumes/archive-folder.ts";
import type { Labels } from "../compose/app-spec.ts";
import { renderLabels } from "./render/labels.ts";

export interface BackupRoundTripArgs {
  /** Name of the helper container. */
  name: string;
  /** Image id (`sha256:…`): the provider replaces a container whose image is given by name on every update. */
  imageId: string;
  /** Names of the volumes to back up. */
  volumes: string[];
  /** Volumes that are to be found under the name of another as well, as in the archive of an app elsewhere, by it. */
  inPlaceOf?: Record<string, string>;
  /** Whether the repository lies in a store, which the helper has to reach. */
  stored: boolean;
  runLabels: Labels;
}

/**
 * What a backup and a restore need on the node: a container that mounts the app's volumes, laid out as in the
 * archives of backup-bot-two. The checks run restic in it; the repository lies in the container's own layer, and so
 * goes with it, or in a store.
 */
export class BackupRoundTrip extends pulumi.ComponentResource {
  constructor(name: string, args: BackupRoundTripArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:BackupRoundTrip", name, {}, options);
    new docker.Container(
      `${name}:helper`,
      {
        name: args.name,
        image: args.imageId,
        entrypoints: ["sleep", "86400"],
        labels: renderLabels(args.runLabels),
        networkMode: args.stored ? "bridge" : "none",
        stopSignal: "SIGKILL",
        destroyGraceSeconds: 1,
        mounts: [...args.volumes.map((name) => [name, name] as const), ...Object.entries(args.inPlaceOf ?? {})].map(
          ([folder, source]) => ({ type: "volume", source, target: archiveFolder(folder) }),
        ),
      },
      { parent: this, ignoreChanges: ["image"] },
    );
    this.registerOutputs();
  }
}

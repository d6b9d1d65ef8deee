import * as pulumi from "@pulumi/pulumi";
import { type BesideServiceArgs, besideService } from "./beside-service.ts";

/** A service that does nothing but stand in the app's networks, so that checks can look from there. */
export class ProbeService extends pulumi.ComponentResource {
  constructor(name: string, args: BesideServiceArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:ProbeService", name, {}, options);
    besideService(name, args, { commands: ["sleep", "86400"] }, { parent: this });
    this.registerOutputs();
  }
}

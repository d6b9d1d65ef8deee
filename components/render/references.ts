import type * as pulumi from "@pulumi/pulumi";

/** Ids of the objects a service refers to, by their final name. */
export interface References {
  networks: Record<string, pulumi.Input<string>>;
  secrets: Record<string, pulumi.Input<string>>;
  configs: Record<string, pulumi.Input<string>>;
}

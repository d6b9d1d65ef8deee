import type * as pulumi from "@pulumi/pulumi";
import type { InfraError } from "../lib/errors.ts";
import type { Capabilities } from "../machine/capabilities.ts";
import type { Entry } from "../swarm/entry/find.ts";

/** Where runs happen, as they use it. */
export interface Node {
  kind: NodeKindName;
  /** Docker host of its engine, `unix:///…` or `ssh://…`: a manager's, from which those of other machines are found. */
  dockerHost: string;
  /** host:port of its image mirror as its engine, and that of each other machine, sees it. */
  mirror?: string;
  /** The way that users' requests take: Traefik's address, the domain whose names lead there, and its authority. */
  entry?: Entry;
}

/** What a stack's `recipe-ci:node` may say. */
export type NodeKindName = "local" | "existing" | "hetzner";

/** What a node's stack exports. */
export interface NodeOutputs {
  /** Docker host, `unix:///…` or `ssh://…`. */
  socket: pulumi.Input<string>;
  address: pulumi.Input<string>;
  engineVersion: pulumi.Input<string>;
  capabilities: pulumi.Input<Capabilities>;
  /** Image mirror, `http://address:5000`. Undefined with an engine of others. */
  mirror?: pulumi.Input<string>;
  /** For people: the node's Traefik, and how it is replaced. */
  traefik?: pulumi.Input<string>;
  /** For people: Docker hosts of the Swarm's workers. Undefined where there are none. */
  workers?: pulumi.Input<string[]>;
  /** For people: the domain whose subdomains lead to the node. Undefined where none does. */
  domain?: pulumi.Input<string>;
  /** For people: who gave the certificate for its names, and until when. Undefined where the node has its own authority. */
  certificate?: pulumi.Input<string>;
  /** For people: what it costs. Undefined where it costs nothing. */
  price?: pulumi.Input<string>;
  /** For people: when it ends. Undefined where nothing but a destroy ends it, and it costs nothing. */
  endOfLife?: pulumi.Input<string>;
}

/** One kind of node: how it is found, and how it is made. */
export interface NodeKind {
  /** Keys under `recipe-ci:` that only its program reads. */
  keys: readonly string[];
  /** What is done when it is brought up, for people. */
  making: string;
  /**
   * The node, started when it is made but does not run; undefined when it is not made.
   * @throws InfraError when it can't be mended
   */
  find(): Promise<Node | undefined>;
  /** Docker host of the node as it is, nothing is started; undefined where there is none to be reached. */
  look(): Promise<string | undefined>;
  /** Whether what its stack made is gone, so that only a destroy makes the state forget it. */
  isLost(): Promise<boolean>;
  /** What this host has and lacks for it, one line. @throws UserError, InfraError where it can't be made here */
  lookAtHost(): Promise<string>;
  /** What to say of one that was brought up and is not found. */
  silent(): InfraError;
  /** What its stack holds. @throws UserError for a config that can't be */
  program(config: pulumi.Config): Promise<NodeOutputs>;
}

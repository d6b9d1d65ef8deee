import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { home } from "../lib/home.ts";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import { AUTHORITY, ENTRY_LABELS, type EntryPoint, TRAEFIK_SERVICE } from "../swarm/entry/labels.ts";
import { ApiObject } from "./api-object.ts";
import { replacement, type TraefikPlan, traefikRules, traefikService } from "./render/traefik.ts";

export interface TraefikArgs {
  /** Engine of a manager. */
  dockerHost: pulumi.Input<string>;
  /** Program with the steps `image` and `ready`, see `nodes/platform-main.ts`. */
  program: string;
  baseDomain: string;
  /** Address at which its entry points are reached from outside of the node. */
  address: pulumi.Input<string>;
  ipvs: pulumi.Input<boolean>;
  /** Ports of `web` and `web-secure` on the node. Default: 80 and 443. */
  ports?: TraefikPlan["ports"];
  /** Ports beside those. Default: none. */
  entryPoints?: readonly EntryPoint[];
  /** Certificate for the names below the base domain, with what leads to its authority, and its key; as PEM. */
  certificate: pulumi.Input<string>;
  key: pulumi.Input<string>;
  /** Certificate of that authority, as PEM: what clients trust. */
  authority: pulumi.Input<string>;
  /** Labels of all its objects. Default: those that say what it is. */
  labels?: Record<string, string>;
  /** host:port of the node's image mirror as its engine sees it. Default: none. */
  mirror?: string;
  /** What the program is told beside the engine. Default: nothing. */
  environment?: Record<string, pulumi.Input<string>>;
  /** All of it is made anew when it changes: the Swarm that it is in. */
  swarm: pulumi.Input<string>;
  /** What the network `proxy` comes from. */
  after: pulumi.Resource[];
}

/**
 * The Traefik of a node, as operators have it in front of their apps: it finds services by their labels in the network
 * `proxy`, and has one certificate for all names below the node's base domain. The key of that is nowhere but in a
 * secret of the Swarm and in the state. A changed certificate or setting changes the service in place.
 *
 * Pulumi deletes none of it: in a Swarm made anew there is nothing to delete, files that the service has no more go once
 * it is ready, and all of it goes with the stack's guard.
 */
export class Traefik extends pulumi.ComponentResource {
  /** What it is and how it is replaced, for people; known once it answers with its certificate. */
  readonly told: pulumi.Output<string>;

  constructor(name: string, args: TraefikArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:Traefik", name, {}, options);
    const labels = args.labels ?? {};
    const object = (kind: "secret" | "config", what: string, data: pulumi.Input<string>, mark = "traefik") =>
      this.file(name, args, { kind, what, data, labels: { ...labels, [ENTRY_LABELS.platform]: mark } });

    const image = this.step(`${name}-image`, "image", args, { anew: [args.swarm], after: args.after });
    const key = object("secret", "key", args.key);
    const chain = object("config", "certificate", args.certificate);
    const rules = object("config", "rules", traefikRules());
    object("config", "authority", args.authority, AUTHORITY);

    const answer = image.stdout.apply((text) => JSON.parse(text) as { image: string; network: string });
    const { baseDomain, address, ipvs, entryPoints = [], ports = { web: 80, webSecure: 443 } } = args;
    const spec = pulumi
      .all([answer, address, ipvs, key, chain, rules])
      .apply(([made, reached, hasIpvs, keyFile, chainFile, rulesFile]) =>
        traefikService(
          { image: made.image, baseDomain, address: reached, ipvs: hasIpvs, entryPoints, ports, labels },
          { network: made.network, key: keyFile, chain: chainFile, rules: rulesFile },
        ),
      );
    const service = new ApiObject(
      `${name}-service`,
      { kind: "service", dockerHost: args.dockerHost, spec, anew: [args.swarm] },
      { parent: this, retainOnDelete: true },
    );
    const ready = this.step(`${name}-ready`, "ready", args, {
      anew: [service.id, pulumi.jsonStringify(spec).apply((text) => shortHash([text]))],
      after: [service],
    });
    this.told = pulumi
      .all([ready.stdout, ipvs])
      .apply(([, has]) => `${TRAEFIK_SERVICE}, ${replacement({ ipvs: has })}`);
    this.registerOutputs({ told: this.told });
  }

  /** A file of its, under a name that changes with its content: Swarm changes no secret and no config. */
  private file(name: string, args: TraefikArgs, { kind, what, data, labels }: File) {
    const spec = pulumi.output(data).apply((text) => ({
      Name: `${TRAEFIK_SERVICE}-${what}-${shortHash([text])}`,
      Labels: labels,
      Data: Buffer.from(text).toString("base64"),
    }));
    const named = pulumi.unsecret(spec.apply(({ Name }) => Name));
    const { id } = new ApiObject(
      `${name}-${what}`,
      { kind, dockerHost: args.dockerHost, spec, anew: [args.swarm, named] },
      { parent: this, dependsOn: args.after, retainOnDelete: true },
    );
    return pulumi.output({ id: pulumi.unsecret(id), name: named });
  }

  private step(
    name: string,
    create: string,
    { dockerHost, program, mirror = "", environment = {} }: TraefikArgs,
    { anew, after }: { anew: pulumi.Input<string>[]; after: pulumi.Resource[] },
  ): local.Command {
    return new local.Command(
      name,
      {
        create,
        interpreter: [process.execPath, projectPath(program), `--mirror=${mirror}`],
        environment: { ...environment, DOCKER_HOST: dockerHost, RECIPE_CI_HOME: home() },
        triggers: anew,
        logging: local.Logging.Stderr,
      },
      { parent: this, dependsOn: after, deleteBeforeReplace: true },
    );
  }
}

interface File {
  kind: "secret" | "config";
  what: string;
  data: pulumi.Input<string>;
  labels: Record<string, string>;
}

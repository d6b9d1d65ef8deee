import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type {
  AppSpec,
  ConfigSpec,
  Labels,
  NetworkSpec,
  SecretSpec,
  ServiceSpec,
  VolumeSpec,
} from "../compose/app-spec.ts";
import { present } from "../lib/present.ts";
import { ApiObject } from "./api-object.ts";
import { renderExact } from "./render/exact.ts";
import { renderLabels } from "./render/labels.ts";
import type { References } from "./render/references.ts";
import { renderService } from "./render/service.ts";
import { type TextsToCome, withTextsToCome } from "./render/texts-to-come.ts";

export interface SwarmAppArgs {
  app: AppSpec;
  /** Labels every object carries from its creation on. */
  runLabels: Labels;
  /** Ids of external networks, by name. */
  externalNetworks: Record<string, pulumi.Input<string>>;
  /** Ids of external configs, by name. */
  externalConfigs: Record<string, string>;
  /** Values of the secrets, by name. */
  secretValues: Record<string, pulumi.Input<string>>;
  /** What comes in place of texts of services, once other resources are there. Default: nothing. */
  textsToCome?: TextsToCome;
  /** Services, by name, that are made through the Engine API since the provider can't say or keep something. */
  exactServices: ReadonlySet<string>;
  /** Configs, by name, whose labels are to be changed in place, which the provider can't. */
  exactConfigs: ReadonlySet<string>;
  /** What must be there before any service starts. Default: only what it mounts and refers to. */
  after?: pulumi.Resource[];
  /** Engine, `unix:///…`. */
  dockerHost: string;
  /** Of the engine that has its volumes. Default: that of all else. */
  ofPlace?: docker.Provider;
  /** References to run instead of the images as written (pinned by digest), by image. */
  pinnedImages: Record<string, string>;
}

/** A recipe's networks, volumes, secrets, configs and services on a Swarm, under the names the recipe gives them. */
export class SwarmApp extends pulumi.ComponentResource {
  readonly services: Record<string, Identified>;
  readonly networks: Record<string, pulumi.Output<string>>;
  readonly volumes: Record<string, docker.Volume>;
  private readonly prefix: string;

  constructor(name: string, args: SwarmAppArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:SwarmApp", name, {}, options);
    // Names of resources don't hold that of their parent, and a stack may have an app twice.
    this.prefix = name === "app" ? "" : `${name}:`;
    const { app } = args;
    const own = <T extends { external: boolean }>(items: T[]) => items.filter((item) => !item.external);
    const networks = named(own(app.networks), (network) => this.network(network, args));
    this.volumes = named(own(app.volumes), (volume) => this.volume(volume, args));
    const secrets = named(app.secrets, (secret) => this.secret(secret, args));
    const configs = named(own(app.configs), (config) => this.config(config, args));
    const references: References = {
      networks: { ...args.externalNetworks, ...ids(networks) },
      secrets: ids(secrets),
      configs: { ...args.externalConfigs, ...ids(configs) },
    };
    const volumes = Object.values(this.volumes);
    this.services = named(app.services, (service) => this.service(service, args, references, volumes));
    this.networks = Object.fromEntries(
      Object.entries(references.networks).map(([network, id]) => [network, pulumi.output(id)]),
    );
    this.registerOutputs();
  }

  // Without the namespace, which is the same for all: `service:app`; a name outside of it is marked: `volume:=shared`.
  private logicalName(kind: string, { name }: { name: string }, { app }: SwarmAppArgs): string {
    const own = `${app.namespace}_`;
    return `${this.prefix}${kind}:${name.startsWith(own) ? name.slice(own.length) : `=${name}`}`;
  }

  // The provider reads a network back two seconds after it has made it, and every service waits for that; and it would
  // replace one whose definition changed, where `docker stack deploy` leaves it as it is.
  private network(network: NetworkSpec, args: SwarmAppArgs): Identified {
    const spec = {
      Name: network.name,
      Driver: network.driver ?? "overlay",
      Options: network.driverOpts,
      Internal: network.internal,
      Attachable: network.attachable,
      Labels: { ...network.labels, ...args.runLabels },
      IPAM: network.ipam && { Driver: network.ipam.driver, Config: network.ipam.subnets.map((Subnet) => ({ Subnet })) },
    };
    const { dockerHost } = args;
    return new ApiObject(
      this.logicalName("network", network, args),
      { kind: "network", dockerHost, spec },
      { parent: this },
    );
  }

  private volume(volume: VolumeSpec, args: SwarmAppArgs): docker.Volume {
    return new docker.Volume(
      this.logicalName("volume", volume, args),
      {
        name: volume.name,
        driver: volume.driver ?? "local",
        driverOpts: volume.driverOpts,
        labels: renderLabels(volume.labels, args.runLabels),
      },
      { parent: this, provider: args.ofPlace },
    );
  }

  private secret(secret: SecretSpec, args: SwarmAppArgs): docker.Secret {
    const { content } = secret;
    const given = () => present(args.secretValues[secret.name], `the value of secret ${secret.name}`);
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return new docker.Secret(
      this.logicalName("secret", secret, args),
      {
        name: secret.name,
        data: content ? pulumi.secret(content.data) : pulumi.secret(given()).apply(base64),
        labels: renderLabels(secret.labels, args.runLabels),
      },
      // The provider makes a secret anew for other labels; one of the recipe's own is used by no service.
      { parent: this, deleteBeforeReplace: content !== undefined },
    );
  }

  private config(config: ConfigSpec, args: SwarmAppArgs): Identified {
    const name = this.logicalName("config", config, args);
    // The provider knows no templates; Swarm itself expands them when a task starts, so they go in as they are.
    if (config.templateDriver || args.exactConfigs.has(config.name)) return this.exactConfig(name, config, args);
    const labels = renderLabels(config.labels, args.runLabels);
    return new docker.ServiceConfig(name, { name: config.name, data: config.data, labels }, { parent: this });
  }

  private exactConfig(name: string, config: ConfigSpec, { dockerHost, runLabels }: SwarmAppArgs): Identified {
    const spec = {
      Name: config.name,
      Labels: { ...config.labels, ...runLabels },
      Data: config.data,
      Templating: config.templateDriver && { Name: config.templateDriver },
    };
    return new ApiObject(name, { kind: "config", dockerHost, spec }, { parent: this });
  }

  private service(
    service: ServiceSpec,
    args: SwarmAppArgs,
    references: References,
    volumes: docker.Volume[],
  ): Identified {
    const name = this.logicalName("service", service, args);
    const image = args.pinnedImages[service.image] ?? service.image;
    // A volume mounted by a service before it exists would be created by Swarm, without the run's label.
    const options = { parent: this, dependsOn: [...volumes, ...(args.after ?? [])] };
    if (args.exactServices.has(service.name)) {
      const spec = withTextsToCome(renderExact(service, references, image, args.runLabels), args.textsToCome);
      return new ApiObject(name, { kind: "service", dockerHost: args.dockerHost, spec }, options);
    }
    const rendered = renderService(service, references, image, args.runLabels);
    return new docker.Service(name, withTextsToCome(rendered, args.textsToCome), options);
  }
}

/** A resource with an id on the node. */
type Identified = pulumi.Resource & { id: pulumi.Output<string> };

function named<S extends { name: string }, R>(items: S[], create: (item: S) => R): Record<string, R> {
  return Object.fromEntries(items.map((item) => [item.name, create(item)]));
}

function ids(resources: Record<string, Identified>): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.entries(resources).map(([key, resource]) => [key, resource.id]));
}

/**
 * An **AppSpec** is what a recipe at one ref asks of a Swarm: plain data, no Pulumi, no Docker client.
 * Field names follow the Swarm API (moby `api/types/swarm`), values are already merged and interpolated,
 * names are final (namespace included), durations are in nanoseconds as the Docker API has them.
 */
export interface AppSpec {
  /** Name of the recipe. */
  recipe: string;
  /** Release version (`x.y.z+app`) from the app service's version label, or undefined where there is none. */
  version?: string;
  /** Commit the recipe was read at, 40 hex digits. */
  commit: string;
  /** Swarm namespace: what abra calls the stack name. */
  namespace: string;
  /** Domain the app is deployed under; undefined for a recipe without DOMAIN. */
  domain?: string;
  /** Seconds abra would wait for convergence: the `timeout` label, else 50. */
  timeoutSeconds: number;
  /** Sorted by key. */
  services: ServiceSpec[];
  /** Those that some service uses, sorted by key, each name once; so for volumes. */
  networks: NetworkSpec[];
  volumes: VolumeSpec[];
  /** Those that some service uses, and those made from a file; sorted by key, each name once. */
  secrets: SecretSpec[];
  /** All that are declared, sorted by key, each name once. */
  configs: ConfigSpec[];
  /** What abra calls by itself in the app's containers; undefined where nothing is to be called. */
  commands?: AppCommands;
  /** What was ignored or looks wrong, for a person; never fatal. */
  warnings: string[];
}

/** Functions of `abra.sh` that abra calls once an app is deployed or upgraded. */
export interface AppCommands {
  afterDeploy: AppCommand[];
  afterUpgrade: AppCommand[];
  /** Text of `abra.sh`, which the call's shell sources. */
  script: string;
}

export interface AppCommand {
  /** Key of the service in whose container it runs. */
  service: string;
  /** The function and its arguments, as a shell reads them. */
  call: string;
}

export type Labels = Record<string, string>;

export interface ServiceSpec {
  /** Key in the compose file, e.g. `app`. */
  key: string;
  /** Name in the Swarm, e.g. `cust-1a2b3c_ci_test_app`. */
  name: string;
  /** Image as the recipe writes it. */
  image: string;
  /** `deploy.labels` plus those abra and `docker stack deploy` add. */
  labels: Labels;
  /** `labels` of the service itself: they go to its containers. */
  containerLabels: Labels;
  /** Compose `entrypoint`. */
  command?: string[];
  /** Compose `command`. */
  args?: string[];
  /** `null`: the variable is passed by name without a value. */
  env: Record<string, string | null>;
  workingDir?: string;
  user?: string;
  hostname?: string;
  /** Lines as in /etc/hosts: `IP name`. */
  hosts?: string[];
  dns?: { nameservers: string[]; search: string[] };
  healthcheck?: Healthcheck;
  mounts: Mount[];
  secrets: FileReference[];
  configs: FileReference[];
  networks: NetworkAttachment[];
  ports: Port[];
  endpointMode: "vip" | "dnsrr";
  mode: ServiceMode;
  resources?: Resources;
  restartPolicy?: RestartPolicy;
  updateConfig?: UpdateConfig;
  rollbackConfig?: UpdateConfig;
  placement?: { constraints: string[]; preferences: string[]; maxReplicas?: number };
  logDriver?: { name: string; options: Record<string, string> };
  /** Nanoseconds; Swarm's default of 10 s when the recipe says nothing. */
  stopGracePeriod: number;
  stopSignal?: string;
  init?: boolean;
  readOnly?: boolean;
  tty?: boolean;
  openStdin?: boolean;
  capAdd?: string[];
  capDrop?: string[];
  sysctls?: Record<string, string>;
  ulimits?: { name: string; soft: number; hard: number }[];
  isolation?: string;
  oomScoreAdj?: number;
  credentialSpec?: { config?: string; file?: string; registry?: string };
}

/** Durations in nanoseconds; undefined keeps the image's own value. */
export interface Healthcheck {
  /** `["NONE"]` switches the image's check off. */
  test?: string[];
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
  retries?: number;
}

export interface Mount {
  /** `cluster`: a volume of a storage plugin, made by operators. */
  type: "volume" | "bind" | "tmpfs" | "cluster";
  /** Final volume name, or host path; undefined for tmpfs and anonymous volumes. */
  source?: string;
  target: string;
  readOnly?: boolean;
  bind?: { propagation?: string };
  volume?: {
    noCopy?: boolean;
    subpath?: string;
    labels?: Labels;
    driver?: { name: string; options: Record<string, string> };
  };
  tmpfs?: { sizeBytes: number };
}

/** A secret or config as one service sees it. */
export interface FileReference {
  /** Key in the top-level `secrets` or `configs`. */
  key: string;
  /** Final name in the Swarm. */
  name: string;
  /** Target file: absolute, or relative to /run/secrets (secrets) or / (configs). */
  file: string;
  uid: string;
  gid: string;
  /** File mode, e.g. 0o444. */
  mode: number;
}

export interface NetworkAttachment {
  /** Key in the top-level `networks`; `default` for the implicit one. */
  key: string;
  /** Final name in the Swarm. */
  name: string;
  /** Includes the service's own key, which makes `db` resolvable beside `<namespace>_db`. */
  aliases: string[];
  driverOpts?: Record<string, string>;
}

export interface Port {
  target: number;
  published?: number;
  protocol: "tcp" | "udp" | "sctp";
  mode: "ingress" | "host";
}

export type ServiceMode =
  | { kind: "replicated"; replicas: number }
  | { kind: "global" }
  | { kind: "replicated-job"; totalCompletions: number; maxConcurrent: number }
  | { kind: "global-job" };

export interface Resources {
  limits?: { nanoCpus?: number; memoryBytes?: number; pids?: number };
  reservations?: {
    nanoCpus?: number;
    memoryBytes?: number;
    genericResources?: { kind: string; value: number }[];
  };
}

export interface RestartPolicy {
  condition: "none" | "on-failure" | "any";
  /** Nanoseconds. */
  delay?: number;
  maxAttempts?: number;
  /** Nanoseconds. */
  window?: number;
}

export interface UpdateConfig {
  parallelism: number;
  /** Nanoseconds. */
  delay?: number;
  failureAction?: "pause" | "continue" | "rollback";
  /** Nanoseconds. */
  monitor?: number;
  maxFailureRatio?: number;
  order?: "stop-first" | "start-first";
}

export interface NetworkSpec {
  key: string;
  name: string;
  /** Not ours: must exist already, is neither created nor removed. */
  external: boolean;
  driver?: string;
  driverOpts: Record<string, string>;
  internal: boolean;
  attachable: boolean;
  labels: Labels;
  ipam?: { driver?: string; subnets: string[] };
}

export interface VolumeSpec {
  key: string;
  name: string;
  external: boolean;
  driver?: string;
  driverOpts: Record<string, string>;
  labels: Labels;
}

export interface SecretSpec {
  key: string;
  name: string;
  labels: Labels;
  /** What ends the name, e.g. `v1`; undefined for one made from a file. */
  version?: string;
  /** The services that see it, each with the target file; sorted by service. */
  users: { service: string; file: string }[];
  /** How a value is made when none is given. */
  generate: SecretGeneration;
  /** Of a secret that the recipe itself holds: `docker stack deploy` makes it. */
  content?: {
    /** Path in the recipe. */
    file: string;
    /** Exact bytes, base64. */
    data: string;
  };
}

export interface SecretGeneration {
  /** False where the recipe says `generate=false`, or holds the value: it is not generated. */
  enabled: boolean;
  /** Characters, as written; undefined, or none at all, asks for a passphrase of words. */
  length?: number;
  charset?: string;
  /** Variable that carries the version, for messages, e.g. `SECRET_DB_PASSWORD_VERSION`. */
  versionVariable?: string;
}

export interface ConfigSpec {
  key: string;
  name: string;
  /** Not ours: must exist already, is neither created, changed nor removed. */
  external: boolean;
  labels: Labels;
  /** Exact bytes, base64; empty for an external one, whose bytes nobody here knows. */
  data: string;
  /** Path in the recipe the bytes came from; of an external one, the compose file that declares it. */
  file?: string;
  /** `golang`: expanded by Swarm itself when a task starts. */
  templateDriver?: string;
  /** Variable that carries the version in the name, e.g. `APP_CONF_VERSION`. */
  versionVariable?: string;
}

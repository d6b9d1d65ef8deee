/** What `docker stack config` prints: merged, interpolated, validated and in long form. Only what is used here. */
export interface CanonicalCompose {
  version?: string;
  services?: Record<string, CanonicalService>;
  networks?: Record<string, CanonicalNetwork | null>;
  volumes?: Record<string, CanonicalVolume | null>;
  secrets?: Record<string, CanonicalFile | null>;
  configs?: Record<string, CanonicalFile | null>;
}

/** Durations are Go's (`1m30s`), sizes in bytes as text. */
export interface CanonicalService {
  image?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string | null>;
  labels?: Record<string, string>;
  deploy?: CanonicalDeploy;
  healthcheck?: CanonicalHealthcheck;
  /** Already in `environment`. */
  env_file?: string[];
  networks?: Record<string, CanonicalAttachment | null>;
  volumes?: CanonicalMount[];
  secrets?: CanonicalReference[];
  configs?: CanonicalReference[];
  ports?: { mode?: string; target: number; published?: number; protocol?: string }[];
  extra_hosts?: string[];
  dns?: string[];
  dns_search?: string[];
  logging?: { driver?: string; options?: Record<string, string> };
  ulimits?: Record<string, number | { single?: number; soft?: number; hard?: number }>;
  sysctls?: Record<string, string>;
  cap_add?: string[];
  cap_drop?: string[];
  credential_spec?: { config?: string; file?: string; registry?: string };
  hostname?: string;
  user?: string;
  working_dir?: string;
  stop_grace_period?: string;
  stop_signal?: string;
  init?: boolean;
  isolation?: string;
  oom_score_adj?: number;
  read_only?: boolean;
  tty?: boolean;
  stdin_open?: boolean;
  restart?: string;
  tmpfs?: string[];
}

export interface CanonicalAttachment {
  aliases?: string[];
  driver_opts?: Record<string, string>;
  ipv4_address?: string;
  ipv6_address?: string;
}

export interface CanonicalDeploy {
  mode?: string;
  replicas?: number;
  labels?: Record<string, string>;
  update_config?: CanonicalUpdate;
  rollback_config?: CanonicalUpdate;
  resources?: {
    limits?: { cpus?: string; memory?: string; pids?: number };
    reservations?: {
      cpus?: string;
      memory?: string;
      generic_resources?: { discrete_resource_spec?: { kind: string; value: number } }[];
    };
  };
  restart_policy?: { condition?: string; delay?: string; max_attempts?: number; window?: string };
  placement?: { constraints?: string[]; preferences?: { spread: string }[]; max_replicas_per_node?: number };
  endpoint_mode?: string;
}

export interface CanonicalUpdate {
  parallelism?: number;
  delay?: string;
  failure_action?: string;
  monitor?: string;
  max_failure_ratio?: number;
  order?: string;
}

export interface CanonicalHealthcheck {
  test?: string[];
  interval?: string;
  timeout?: string;
  start_period?: string;
  start_interval?: string;
  retries?: number;
  disable?: boolean;
}

export interface CanonicalMount {
  type: string;
  source?: string;
  target: string;
  read_only?: boolean;
  consistency?: string;
  bind?: { propagation?: string };
  volume?: { nocopy?: boolean; subpath?: string };
  tmpfs?: { size?: number };
}

export interface CanonicalReference {
  source: string;
  target?: string;
  uid?: string;
  gid?: string;
  mode?: number;
}

export interface CanonicalNetwork {
  name?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  internal?: boolean;
  attachable?: boolean;
  labels?: Record<string, string>;
  ipam?: { driver?: string; config?: { subnet?: string }[] };
}

export interface CanonicalVolume {
  name?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  labels?: Record<string, string>;
  "x-cluster-spec"?: unknown;
}

/** A top-level secret or config. */
export interface CanonicalFile {
  name?: string;
  external?: boolean;
  file?: string;
  labels?: Record<string, string>;
  /** Of a secret: the plugin that holds its value. */
  driver?: string;
  template_driver?: string;
}

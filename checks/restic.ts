import { lastOutput } from "../lib/plain-text.ts";
import type { Engine } from "../swarm/client.ts";
import { containerByName } from "../swarm/containers.ts";
import { type ExecInResult, execIn } from "../swarm/exec.ts";
import { type BackupStore, repositoryIn } from "./backup/store.ts";
import { isStored } from "./backup/stored-objects.ts";
import { CheckFailure } from "./check-failure.ts";

/** Where the repository lies in the helper container, where no store has it. */
export const REPOSITORY = "/recipe-ci-repository";

const FLAGS = ["--password-file", "/dev/stdin", "--no-cache"];

const WHOSE = ["--host", "recipe-ci"];
/** Exit code of restic's where there is a snapshot, and some of what it was to hold could not be read. */
const INCOMPLETE = 3;

/** What opens a store comes before the password: an argument or a variable of the container could be read from outside. */
const WITH_KEYS = `read -r AWS_ACCESS_KEY_ID; read -r AWS_SECRET_ACCESS_KEY
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
exec "$@"`;

// Dumps may be large: what is asked of one is answered where it is.
const HOLDS = `set -e
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
restic ${FLAGS.join(" ")} dump --tag "$1" latest "$2" > "$file"
if [ "$(head -c 2 "$file" | od -An -tx1 | tr -d ' ')" = 1f8b ]; then unpack="gunzip -c"; else unpack=cat; fi
if $unpack < "$file" | grep -qF -- "$3"; then echo held; else echo lacking; fi`;

/** What a snapshot has at one path (restic, cmd/restic/cmd_ls.go). */
export interface SnapshotEntry {
  path: string;
  type: "file" | "dir" | "symlink";
  /** Bytes; undefined for what is no file. */
  size?: number;
  uid: number;
  gid: number;
}

/** A run's repository in a store. */
export interface StoredRepository {
  store: BackupStore;
  run: string;
}

/** Restic in the helper container that mounts the app's volumes and the repository. Its engine is the one they are on. */
export class Restic {
  private readonly engine: Engine;
  private readonly helper: string;
  private readonly password: () => string;
  private readonly stored: StoredRepository | undefined;

  /** @param stored default: the repository lies in the helper itself */
  constructor(engine: Engine, helper: string, password: () => string, stored?: StoredRepository) {
    this.engine = engine;
    this.helper = helper;
    this.password = password;
    this.stored = stored;
  }

  /** Makes the repository unless it is there. */
  async init(): Promise<void> {
    if (!(await this.isThere())) await this.run(["init"]);
  }

  private async isThere(): Promise<boolean> {
    // Restic itself goes on asking, for minutes, where its keys do not fit.
    if (this.stored) return isStored(this.stored.store, this.stored.run);
    return (await execIn(this.engine, await this.container(), ["test", "-f", `${REPOSITORY}/config`])).code === 0;
  }

  /** Backs up paths under a tag; gives restic's own summary. */
  async backup(paths: string[], tag: string): Promise<{ snapshot: string; files: number; bytes: number }> {
    const result = await this.opened(["restic", ...FLAGS, "backup", "--json", ...WHOSE, "--tag", tag, "--", ...paths]);
    if (result.code !== 0 && !(result.code === INCOMPLETE && onlyVanished(result.stderr)))
      throw failure("restic backup", result);
    for (const line of result.stdout.split("\n").reverse()) {
      if (!line.includes('"message_type":"summary"')) continue;
      const summary = JSON.parse(line);
      return {
        snapshot: summary.snapshot_id,
        files: summary.total_files_processed,
        bytes: summary.total_bytes_processed,
      };
    }
    throw new CheckFailure("restic wrote no summary, so there may be no snapshot", { owner: "infra" });
  }

  /**
   * Whether a file in the newest snapshot with the tag contains a text, as it is or within gzip, whatever its name;
   * undefined when the snapshot has no such file.
   */
  async holds(tag: string, path: string, text: string): Promise<boolean | undefined> {
    const result = await this.opened(["sh", "-c", HOLDS, "sh", tag, path, text]);
    if (result.code === 0) return result.stdout.trim() === "held";
    if (/no snapshot/i.test(result.stderr)) throw failure("restic dump", result);
    if (/not found|no such file/i.test(result.stderr)) return undefined;
    throw failure("restic dump", result);
  }

  /** A file's bytes in the newest snapshot with the tag; for small files. */
  async dumpBytes(tag: string, path: string): Promise<Buffer> {
    const dump = `restic ${FLAGS.join(" ")} dump --tag "$1" latest "$2" | base64`;
    const result = await this.opened(["sh", "-c", dump, "sh", tag, path]);
    if (result.code !== 0) throw failure("restic dump", result);
    return Buffer.from(result.stdout, "base64");
  }

  /** What the newest snapshot with the tag has at these paths and directly below; of all it has when none is named. */
  async list(tag: string, paths: readonly string[]): Promise<SnapshotEntry[]> {
    const { stdout } = await this.run(["ls", "--json", "--tag", tag, "latest", ...paths]);
    const lines = stdout.split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line)).filter(({ struct_type }) => struct_type === "node");
  }

  /** How many snapshots there are with the tag. */
  async count(tag: string): Promise<number> {
    const { stdout } = await this.run(["snapshots", "--json", "--tag", tag]);
    return JSON.parse(stdout).length;
  }

  /** Restores the newest snapshot with the tag; gives its id. */
  async restore(tag: string): Promise<string> {
    const result = await this.run(["restore", "--tag", tag, "latest", "--target", "/"]);
    return /restoring (?:snapshot )?([0-9a-f]{8})/.exec(result.stdout)?.[1] ?? "latest";
  }

  /** Takes over the repository of another helper, as a new server finds it where it was kept. */
  async takeRepository(from: Restic): Promise<void> {
    if (this.stored) return;
    const [there, here] = await Promise.all([from.container(), this.container()]);
    const archive = await from.engine.docker.getContainer(there).getArchive({ path: REPOSITORY });
    await this.engine.docker.getContainer(here).putArchive(archive, { path: "/" });
  }

  /** Runs another program in the helper, e.g. to empty a volume. */
  async inHelper(argv: readonly [string, ...string[]], input?: string): Promise<string> {
    const options = { input, timeout: "120 s" as const, maxBytes: 16 << 20 };
    const result = await execIn(this.engine, await this.container(), argv, options);
    if (result.code !== 0) throw failure(`${argv[0]} in the backup helper`, result);
    return result.stdout;
  }

  private async run(args: string[]): Promise<ExecInResult> {
    const result = await this.opened(["restic", ...FLAGS, ...args]);
    if (result.code !== 0) throw failure(`restic ${args[0]}`, result);
    return result;
  }

  /** A program that finds the repository, and on its standard input the password. */
  private async opened(argv: readonly [string, ...string[]]): Promise<ExecInResult> {
    const { stored } = this;
    const repository = stored ? repositoryIn(stored.store, stored.run) : REPOSITORY;
    const options = { env: { RESTIC_REPOSITORY: repository }, timeout: "300 s" as const, maxBytes: 64 << 20 };
    if (!stored) return execIn(this.engine, await this.container(), argv, { ...options, input: this.password() });
    const { id, secret } = stored.store.keys;
    const input = `${id}\n${secret}\n${this.password()}`;
    return execIn(this.engine, await this.container(), ["sh", "-c", WITH_KEYS, "sh", ...argv], { ...options, input });
  }

  private async container(): Promise<string> {
    const id = await containerByName(this.engine, this.helper);
    if (!id) throw new CheckFailure(`the backup helper ${this.helper} does not run`, { owner: "infra" });
    return id;
  }
}

/**
 * Whether all that a snapshot lacks are files that the app took away while they were being read, as apps do with what is
 * of the moment: what labels name is looked for in the snapshot by itself.
 */
export function onlyVanished(stderr: string): boolean {
  const errors = stderr.split("\n").filter((line) => line.includes('"message_type":"error"'));
  return errors.length > 0 && errors.every((line) => /no such file or directory"\}/.test(line));
}

/** It works in a helper of ours, on a repository of ours: only paths that are not there are the recipe's doing. */
function failure(program: string, result: { code: number; stdout: string; stderr: string }): CheckFailure {
  const output = lastOutput(result).join("\n");
  const missing =
    /no such file or directory|does not exist|all source .* skipped/i.test(output) && !/bucket/i.test(output);
  const owner = program.startsWith("restic") && missing ? "recipe" : "infra";
  return new CheckFailure(`${program}: exit code ${result.code}\n${output}`, { owner });
}

import { UserError } from "../lib/errors.ts";
import { remembered } from "../lib/remembered.ts";
import { checkoutTree, FILE_LIMIT, listTree, type TreeEntry, tooLong } from "./checkout.ts";
import { fetchFiles, fetchRef, type Remote } from "./fetch.ts";
import { git, gitBytes } from "./git.ts";
import { almostVersions, compareVersions, parseVersion, type RecipeVersion } from "./version.ts";

/** Bytes up to which a file that was read is kept. */
const KEPT_LIMIT = 256 << 10;

/** A whole commit id. */
const COMMIT = /^[0-9a-f]{40}$/;

/** A published version of a recipe: an annotated tag and the commit it names. */
export interface Release {
  version: RecipeVersion;
  commit: string;
}

export interface Releases {
  /** Oldest first. */
  releases: Release[];
  /** Names of all tags that are not annotated, whether they look like a version or not. */
  lightweight: string[];
  /** Tags that look like a version but are none for abra, and why. */
  warnings: string[];
}

/** All tags of a repository. */
interface Tags {
  releases: Release[];
  /** Names of those that are not annotated. */
  lightweight: string[];
  /** Names that are no version to abra. */
  others: string[];
}

/** A recipe's git repository, fetched into a bare cache; nothing here touches the source itself. */
export class RecipeRepo {
  /** Folder or URL the recipe was read from. */
  readonly location: string;
  /** What a person should know about the source, e.g. uncommitted changes that are not tested. */
  readonly warnings: readonly string[];
  readonly #gitDir: string;
  readonly #head: string;
  readonly #trees: string;
  readonly #remote?: Remote;
  readonly #files = new Map<string, Promise<void>>();
  // What a whole object id names never changes: git is asked for it once.
  readonly #commits = new Map<string, Promise<string>>();
  readonly #listings = new Map<string, Promise<TreeEntry[]>>();
  readonly #blobs = new Map<string, Promise<Buffer>>();
  // Nobody fetches a tag once the repository is open.
  readonly #tagged = new Map<string, Promise<Tags>>();

  /** Use `openSource` or `repoFromFolder`. */
  constructor(options: {
    location: string;
    gitDir: string;
    /** Commit that `HEAD` means. */
    head: string;
    /** Folder for checkouts. */
    trees: string;
    /** Where `gitDir` gets what it does not have. Default: it has everything. */
    remote?: Remote;
    warnings?: readonly string[];
  }) {
    this.location = options.location;
    this.warnings = options.warnings ?? [];
    this.#gitDir = options.gitDir;
    this.#head = options.head;
    this.#trees = options.trees;
    this.#remote = options.remote;
  }

  /**
   * Bare repository of all commits. With the files of every commit, and so itself a source for `openSource`, when
   * `repoFromFolder` made it; that of `openSource` has only the files that were looked at.
   */
  get gitDir(): string {
    return this.#gitDir;
  }

  /**
   * The commit (40 hex digits) a branch, tag, commit or `HEAD` names. What the cache does not have, such as a pull
   * request's `refs/pull/7/head`, is asked of the source.
   * @throws UserError for an illegal or unknown ref
   */
  async resolve(ref = "HEAD"): Promise<string> {
    assertRef(ref);
    if (ref === "HEAD") return this.#head;
    return COMMIT.test(ref) ? remembered(this.#commits, ref, () => this.#find(ref)) : this.#find(ref);
  }

  async #find(ref: string): Promise<string> {
    const commit = await this.#parse(ref).catch(() => this.#ask(ref).catch(() => undefined));
    if (!commit || !COMMIT.test(commit)) {
      throw new UserError(`"${ref}" names no commit in ${this.location}`, {
        remedy: "give a branch, a tag or a full commit id of the recipe's repository",
      });
    }
    return commit;
  }

  /**
   * Every release, and a warning for each tag that was meant to be one: lightweight ones, which abra's lint rule R014
   * forbids, and those such as `v1.2.3`.
   */
  async releases(): Promise<Releases> {
    const { releases, lightweight, others } = await this.#tags();
    const light = lightweight
      .filter(parseVersion)
      .map((name) => `tag ${name} is lightweight: abra takes annotated tags only, it is not counted`);
    return {
      releases: releases.toSorted((a, b) => compareVersions(a.version, b.version)),
      lightweight,
      warnings: [...light, ...almostVersions(others)],
    };
  }

  /**
   * What an upgrade to `head` starts from: the newest release among head's ancestors, head itself excepted, and
   * older than head's own release when head is one. Undefined when there is none.
   * @param wanted tag of the release to start from instead, where it is one of these
   */
  async base(head: string, wanted?: string): Promise<Release | undefined> {
    const { releases: merged } = await this.#tags(`--merged=${await this.resolve(head)}`);
    const own = merged.filter((tag) => tag.commit === head).toSorted(newestFirst)[0];
    const older = merged
      .filter((tag) => tag.commit !== head && (!own || compareVersions(tag.version, own.version) < 0))
      .toSorted(newestFirst);
    return older.find(({ version }) => version.text === wanted) ?? older[0];
  }

  /**
   * One file's bytes at a commit.
   * @throws UserError when it isn't there, is no plain file or is longer than 10 MiB
   * @throws InfraError when the commit's files had to be fetched and could not be
   */
  async read(commit: string, path: string): Promise<Buffer> {
    const entry = (await this.#tree(commit)).find((candidate) => candidate.path === path);
    if (!entry?.mode.startsWith("100")) {
      throw new UserError(`no such file at ${commit.slice(0, 8)}`, {
        place: { file: path },
        remedy: "commit the file, or name another; a link or folder is none",
      });
    }
    if (entry.size > FILE_LIMIT) throw tooLong(path);
    const { object, size } = entry;
    const blob = () => gitBytes(["cat-file", "blob", object], { gitDir: this.#gitDir });
    return size > KEPT_LIMIT ? blob() : remembered(this.#blobs, object, blob);
  }

  /** Paths of all files at a commit, in git's order. */
  async list(commit: string): Promise<string[]> {
    return (await this.#tree(commit)).map((entry) => entry.path);
  }

  /**
   * Writes the tree of a commit into a new folder and gives its path; the caller removes it.
   * Submodules are empty folders in it.
   * @throws UserErrors for links that leave the tree, and what is too large
   * @throws InfraError when the files had to be fetched and could not be
   */
  async checkout(commit: string): Promise<string> {
    const entries = await this.#tree(commit);
    return checkoutTree({ gitDir: this.#gitDir, commit: await this.resolve(commit), entries, parent: this.#trees });
  }

  #parse(ref: string): Promise<string> {
    return this.#git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  }

  async #ask(ref: string): Promise<string | undefined> {
    return this.#remote && fetchRef(this.#remote, ref);
  }

  async #tree(ref: string): Promise<TreeEntry[]> {
    const commit = await this.#withFiles(ref);
    return remembered(this.#listings, commit, () => listTree(this.#gitDir, commit));
  }

  /** The commit, its files in `gitDir`: they are fetched once. */
  async #withFiles(ref: string): Promise<string> {
    const commit = await this.resolve(ref);
    if (!this.#remote) return commit;
    const remote = this.#remote;
    await remembered(this.#files, commit, () => fetchFiles(remote, commit));
    return commit;
  }

  #tags(filter = ""): Promise<Tags> {
    return remembered(this.#tagged, filter, () => this.#readTags(filter ? [filter] : []));
  }

  async #readTags(filter: readonly string[]): Promise<Tags> {
    // Type and object as the tag itself says them: what it names may be a tree, and not here.
    const format = "%(refname:strip=2)%09%(objecttype)%09%(type)%09%(object)";
    const text = await this.#git(["for-each-ref", `--format=${format}`, ...filter, "refs/tags"]);
    const releases: Release[] = [];
    const lightweight: string[] = [];
    const others: string[] = [];
    for (const line of text.split("\n")) {
      const [name = "", type, targetType, target = ""] = line.split("\t");
      const version = parseVersion(name);
      if (!version) others.push(name);
      if (type !== "tag" && name) lightweight.push(name);
      if (version && type === "tag" && targetType === "commit") releases.push({ version, commit: target });
    }
    return { releases, lightweight, others };
  }

  #git(args: readonly string[]): Promise<string> {
    return git(args, { gitDir: this.#gitDir });
  }
}

function newestFirst(left: Release, right: Release): number {
  return compareVersions(right.version, left.version);
}

/** Refuses what git would not take as a ref, or take as an option or a path expression. */
function assertRef(ref: string): void {
  const legal = /^[A-Za-z0-9_][^\s~^:?*[\\]{0,249}$/.test(ref) && !/\.\.|@\{|\/\/|\.lock$|[/.]$/.test(ref);
  if (!legal || /\p{Cc}/u.test(ref)) {
    throw new UserError(`${JSON.stringify(ref.slice(0, 80))} is no git ref`, {
      remedy: "give a branch, a tag or a full commit id",
    });
  }
}

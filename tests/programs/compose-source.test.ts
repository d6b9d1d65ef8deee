import { chmod, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InfraError, UserError, UserErrors } from "../../lib/errors.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { openSource } from "../../source/open-source.ts";
import { commitAll, gitFolder, gitIn, scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

const open = async (location: string, workingTree = false) =>
  openSource(location, { cacheDir: await scratchFolder(), workingTree });

test("branches, tags, commits and HEAD resolve to a commit", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  const first = await gitIn(folder, "rev-parse", "HEAD");
  await gitIn(folder, "tag", "-a", "-m", "r", "1.0.0+1.2.3");
  const second = await commitAll(folder, "second");
  const repo = await open(folder);
  expect(await repo.resolve()).toBe(second);
  expect(await repo.resolve("main")).toBe(second);
  expect(await repo.resolve("1.0.0+1.2.3")).toBe(first);
  expect(await repo.resolve(first)).toBe(first);
});

test("what is no ref is refused, and what git knows is not", async () => {
  const repo = await open(await gitFolder({ "compose.yml": "a" }));
  const refs = [
    "-x",
    "--upload-pack=x",
    "a..b",
    "HEAD~1",
    "main^{tree}",
    "a b",
    "",
    "@{-1}",
    ":/first",
    "no-such",
    "a\0",
  ];
  const refused = await Promise.allSettled(refs.map((ref) => repo.resolve(ref)));
  expect(refused.map((one) => one.status === "rejected" && one.reason instanceof UserError)).toEqual(
    refs.map(() => true),
  );
  expect(await repo.resolve("main")).toMatch(/^[0-9a-f]{40}$/);
});

test.each([
  "ext::sh -c touch",
  "ext::true",
  "git://host/x",
  "http://host/x",
  "https://u:secret@host/x",
  "--upload-pack=x",
  "",
  "ssh://-oProxyCommand=x/y",
  "-oProxyCommand=x:y",
])("source %j is refused before git sees it", async (location) => {
  await expect(open(location)).rejects.toThrow(UserError);
});

test("a folder that is no repository is a user's mistake, an unreachable URL the network's", async () => {
  await expect(open(await writeFiles({ "compose.yml": "a" }))).rejects.toThrow(/no git repository/);
  await expect(open("file:///no/such/repository")).rejects.toThrow(InfraError);
});

test("releases are ordered, and a lightweight tag is only reported", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  for (const tag of ["1.10.0+1", "1.9.0+1", "not-a-version"]) {
    await commitAll(folder, tag);
    await gitIn(folder, "tag", "-a", "-m", tag, tag);
  }
  await gitIn(folder, "tag", "1.11.0+1");
  const { releases, warnings } = await (await open(folder)).releases();
  expect(releases.map(({ version }) => version.text)).toEqual(["1.9.0+1", "1.10.0+1"]);
  expect(warnings).toEqual([expect.stringContaining("1.11.0+1 is lightweight")]);
});

test.each<[string[], string[]]>([
  [["v1.2.3"], ["tag v1.2.3 is no release to abra, and not counted: it takes x.y.z+app, e.g. 1.2.3+4.5"]],
  [["1.2", "2024.1.1_5"], ["tags 1.2, 2024.1.1_5 are no releases to abra"]],
  [["release-1.0.0", "v1.0", "v1.1", "v1.2", "v1.3"], ["tags v1.1, v1.2, v1.3 and 2 more are no releases"]],
  [["nightly", "v2-beta", "1.0.0+1"], []],
])("tags %j are told where they were meant as releases", async (tags, expected) => {
  const folder = await gitFolder({ "compose.yml": "a" });
  for (const tag of tags) await gitIn(folder, "tag", "-a", "-m", tag, tag);
  const { warnings } = await (await open(folder)).releases();
  expect(warnings).toEqual(expected.map((text) => expect.stringContaining(text)));
});

describe("a repository without a commit says so", () => {
  test.each([
    ["a new one", []],
    ["a bare one", ["--bare"]],
  ])("%s", async (_, flags) => {
    const folder = await scratchFolder();
    await gitIn(folder, "init", "--quiet", ...flags, ".");
    await expect(open(folder)).rejects.toThrow(/has no commit/);
    await expect(open(`file://${folder}`)).rejects.toThrow(UserError);
  });

  test("and one whose HEAD names a branch that is not there", async () => {
    const folder = await gitFolder({ "compose.yml": "a" });
    await gitIn(folder, "symbolic-ref", "HEAD", "refs/heads/gone");
    await expect(open(folder)).rejects.toThrow(/none on the branch that its HEAD names/);
  });
});

test("an upgrade starts from the newest older release among head's ancestors", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  const tag = (name: string) => gitIn(folder, "tag", "-a", "-m", name, name);
  await tag("1.0.0+1");
  const second = await commitAll(folder, "second");
  await tag("1.1.0+1");
  await gitIn(folder, "checkout", "--quiet", "-b", "other");
  await commitAll(folder, "elsewhere");
  await tag("9.0.0+1");
  await gitIn(folder, "checkout", "--quiet", "main");
  const head = await commitAll(folder, "head");
  const repo = await open(folder);
  expect((await repo.base(head))?.version.text).toBe("1.1.0+1");
  expect((await repo.base(second))?.version.text).toBe("1.0.0+1");
  expect(await repo.base(await repo.resolve("1.0.0+1"))).toBeUndefined();
  expect((await repo.base(head, "1.0.0+1"))?.version.text).toBe("1.0.0+1");
  for (const none of ["9.0.0+1", "1.2.0+1"]) expect((await repo.base(head, none))?.version.text).toBe("1.1.0+1");
});

test("a pull request's head is fetched when it is asked for", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  const proposed = await commitAll(folder, "proposed");
  await gitIn(folder, "update-ref", "refs/pull/7/head", proposed);
  await gitIn(folder, "reset", "--quiet", "--hard", "HEAD~1");
  const repo = await open(folder);
  expect(await repo.resolve("refs/pull/7/head")).toBe(proposed);
  expect(await repo.list(proposed)).toEqual(["compose.yml"]);
});

test("a second opening sees new commits, and several at once do not disturb each other", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  const cacheDir = await scratchFolder();
  await openSource(folder, { cacheDir });
  const head = await commitAll(folder, "second");
  const repos = await Promise.all(Array.from({ length: 5 }, () => openSource(folder, { cacheDir })));
  expect(await Promise.all(repos.map((repo) => repo.resolve()))).toEqual(repos.map(() => head));
});

test("uncommitted changes are warned of, or tested when asked for", async () => {
  const folder = await gitFolder({ "compose.yml": "committed" });
  await writeFile(join(folder, "compose.yml"), "changed");
  const repo = await open(folder);
  expect(repo.warnings).toEqual([expect.stringContaining("uncommitted")]);
  expect((await repo.read(await repo.resolve(), "compose.yml")).toString()).toBe("committed");

  const chaos = await open(folder, true);
  expect((await chaos.read(await chaos.resolve(), "compose.yml")).toString()).toBe("changed");
  expect(await gitIn(folder, "status", "--porcelain")).toBe(" M compose.yml");
});

test("a checkout has the bytes, modes and links of the commit, and nothing else", async () => {
  const folder = await writeFiles({
    "a/b.bin": "\u0000\r\n\u00ff",
    run: "#!/bin/sh\n",
    ".gitattributes": "* text eol=lf\na/* -text\n",
  });
  await chmod(join(folder, "run"), 0o755);
  await symlink("a/b.bin", join(folder, "link"));
  await gitIn(folder, "init", "--quiet", ".");
  await commitAll(folder, "first");
  await writeFiles({ untracked: "x" }, folder);
  const repo = await open(folder);
  const checkout = await repo.checkout(await repo.resolve());
  expect((await readdir(checkout)).sort()).toEqual([".gitattributes", "a", "link", "run"]);
  expect(await readFile(join(checkout, "link"))).toEqual(Buffer.from("\u0000\r\n\u00ff"));
  expect((await stat(join(checkout, "run"))).mode & 0o111).toBe(0o111);
  expect(await repo.read(await repo.resolve(), "a/b.bin")).toEqual(Buffer.from("\u0000\r\n\u00ff"));
});

test.each([
  ["an absolute link", "/etc/passwd"],
  ["a link out of the tree", "../../etc/passwd"],
])("%s is refused, and leaves no folder behind", async (_, target) => {
  const folder = await gitFolder({ "compose.yml": "a" });
  await symlink(target, join(folder, "evil"));
  await commitAll(folder, "evil");
  const cacheDir = await scratchFolder();
  const repo = await openSource(folder, { cacheDir });
  await expect(repo.checkout(await repo.resolve())).rejects.toThrow(/evil: is a link that leaves/);
  expect(await readdir(join(cacheDir, "trees")).catch(() => [])).toEqual([]);
});

test("a link that leaves only through another link is refused", async () => {
  const folder = await gitFolder({ "deep/file": "a" });
  await symlink("..", join(folder, "deep/up"));
  await symlink("deep/up/..", join(folder, "out"));
  await commitAll(folder, "evil");
  const repo = await open(folder);
  await expect(repo.checkout(await repo.resolve())).rejects.toThrow(/out: is a link that leaves/);
});

test("a submodule is left empty, whatever it points to", async () => {
  const folder = await gitFolder({ "compose.yml": "a", ".gitmodules": '[submodule "m"]\n\tpath = module\n' });
  await gitIn(folder, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
  await gitIn(folder, "commit", "--quiet", "-m", "submodule");
  const repo = await open(folder);
  const checkout = await repo.checkout(await repo.resolve());
  expect((await readdir(checkout)).sort()).toEqual([".gitmodules", "compose.yml", "module"]);
  expect(await readdir(join(checkout, "module"))).toEqual([]);
});

test("huge files are refused together, each by name", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  await writeFile(join(folder, "huge.bin"), Buffer.alloc((10 << 20) + 1));
  await writeFile(join(folder, "large.bin"), Buffer.alloc((10 << 20) + 2));
  await gitIn(folder, "add", "huge.bin", "large.bin");
  await gitIn(folder, "commit", "--quiet", "-m", "evil");
  const repo = await open(folder);
  const refused = repo.checkout(await repo.resolve());
  await expect(refused).rejects.toThrow(UserErrors);
  await expect(refused).rejects.toThrow(/huge\.bin: longer than 10 MiB.*large\.bin: longer than 10 MiB/s);
  await expect(repo.read(await repo.resolve(), "huge.bin")).rejects.toThrow(UserError);
});

test("hooks and filters of the source never run", async () => {
  const folder = await gitFolder({ "compose.yml": "a", ".gitattributes": "* filter=evil\n" });
  const trace = join(await scratchFolder(), "ran");
  await gitIn(folder, "config", "filter.evil.smudge", `touch ${trace}`);
  await gitIn(folder, "config", "core.fsmonitor", `touch ${trace}`);
  await gitIn(folder, "config", "uploadpack.packObjectsHook", `touch ${trace}`);
  await writeFiles({ ".git/hooks/post-checkout": `#!/bin/sh\ntouch ${trace}\n` }, folder);
  await chmod(join(folder, ".git/hooks/post-checkout"), 0o755);
  await gitIn(folder, "config", "filter.evil.clean", `touch ${trace}`);
  await writeFile(join(folder, "compose.yml"), "changed");
  const repo = await open(folder, true);
  await repo.checkout(await repo.resolve());
  await expect(stat(trace)).rejects.toThrow(/ENOENT/);
});

test("files are what was committed, byte for byte, whatever .gitattributes asks for", async () => {
  const files = {
    "crlf.conf": "one $Id$\ntwo\n",
    "lf.conf": "one\r\ntwo\r\n",
    "utf16.conf": "one\ntwo\n",
    "old.conf": "one\ntwo\n",
    "compose.yml": "a",
  };
  const folder = await gitFolder(files);
  const wishes = ["crlf.conf text eol=crlf ident filter=lfs", "lf.conf text eol=lf", "old.conf crlf ident"];
  wishes.push("utf16.conf text working-tree-encoding=UTF-16LE", "* export-subst", "");
  await writeFiles({ ".gitattributes": wishes.join("\n") }, folder);
  await gitIn(folder, "add", ".gitattributes");
  await gitIn(folder, "commit", "--quiet", "-m", "attributes");
  const plain = await writeFiles({ ...files, ".gitattributes": wishes.join("\n") });
  const repos = [
    await open(folder),
    await open(folder, true),
    await repoFromFolder({ folder: plain, cacheDir: await scratchFolder() }),
  ];
  for (const repo of repos) {
    expect(repo.warnings).toEqual([]);
    const checkout = await repo.checkout(await repo.resolve());
    for (const [path, text] of Object.entries(files)) {
      expect(await readFile(join(checkout, path), "utf8")).toBe(text);
    }
  }
});

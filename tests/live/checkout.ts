import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { exec } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";

/** Makes a git repository of the project's files as they are now, all committed, with our node_modules as a link. */
export async function copyCheckout(folder: string): Promise<void> {
  const listed = await exec(["git", "ls-files", "-z", "-co", "--exclude-standard"], { cwd: projectPath() });
  for (const file of listed.split("\0").filter((name) => name && existsSync(projectPath(name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(projectPath(file), join(folder, file));
  }
  symlinkSync(projectPath("node_modules"), join(folder, "node_modules"));
  const git = (...args: string[]) => exec(["git", ...args], { cwd: folder });
  await git("init", "-q");
  await git("add", "-A");
  await git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "all");
}

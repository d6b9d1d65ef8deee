import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

// Before each file of pure tests: what starts a program belongs into tests/programs.
for (const start of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"] as const) {
  Object.assign(childProcess, {
    [start]: (program: unknown) => {
      throw new Error(`a pure test starts ${program}: move its file to tests/programs`);
    },
  });
}
syncBuiltinESMExports();

// `npm audit` for CI: fails on advisories from high on. A registry without an audit service is told about, and no
// failure: there is nobody to ask.
import { spawnSync } from "node:child_process";

const NOT_SERVED = [404, 405, 410, 501];

const { stdout, stderr, status } = spawnSync("npm", ["audit", "--audit-level=high", "--json"], { encoding: "utf8" });
const answer = parsed(stdout);
if (NOT_SERVED.includes(answer?.statusCode)) {
  console.log(`no audit: this npm registry has no such service (it answers ${answer.statusCode})`);
} else if (status !== 0) {
  for (const { name, severity, range } of Object.values(answer?.vulnerabilities ?? {}))
    console.error(`${severity}: ${name} ${range}`);
  console.error(answer?.vulnerabilities ? "npm audit says more" : stderr.trim() || stdout);
  process.exitCode = 1;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

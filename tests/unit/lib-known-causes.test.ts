import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { causeOf, reasonIn, remedyFor } from "../../lib/known-causes.ts";
import { OperationLog } from "../../lib/operation-log.ts";

/** As apt, mmdebstrap, Go and Pulumi said it. */
const SAID = {
  resolve: `could not install mmdebstrap, iptables: apt-get update --quiet: exit code 100
W: Failed to fetch http://mirror.example/debian/dists/bookworm/InRelease  Temporary failure resolving 'mirror.example'
E: Some index files failed to download. They have been ignored, or old ones used instead.`,
  missing: `could not install mmdebstrap: apt-get install --quiet: exit code 100
Reading package lists...
E: Unable to locate package mmdebstrap`,
  held: `could not install iptables: apt-get install --quiet: exit code 100
E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (apt-get)`,
  full: `could not build the root file system: nice mmdebstrap --variant=minbase: exit code 25
I: extracting archives...
dpkg-deb: error: failed to write to pipe: No space left on device
E: mmdebstrap failed to run`,
  proxy: `go build -v: exit code 1
go: github.com/pulumi/pulumi/pkg/v3@v3.259.0: Get "https://proxy.example/x": dial tcp: lookup proxy.example: no such host`,
  killed: `go build -v: exit code 1
github.com/aws/aws-sdk-go-v2/service/ec2: /usr/lib/go/pkg/tool/linux_amd64/compile: signal: killed`,
  passphrase:
    'could not deserialize deployment: constructing secrets manager of type "passphrase": incorrect passphrase',
  machine: "the machine did not start: no leader",
};

describe("a program's words", () => {
  test.each([
    ["resolve", "Some index files failed to download. They have been ignored, or old ones used instead.", "mirror in"],
    ["missing", "could not install mmdebstrap: apt-get install --quiet: Unable to locate package mmdebstrap", "main"],
    ["held", "It is held by process 4711", "another package manager"],
    ["full", "could not build the root file system: nice mmdebstrap", "free some space"],
    ["proxy", "dial tcp: lookup proxy.example: no such host", "go env GOPROXY"],
    ["killed", "signal: killed", "free some memory"],
    ["passphrase", "incorrect passphrase", "PULUMI_CONFIG_PASSPHRASE"],
  ] as const)("%s become one sentence and a remedy", (name, cause, remedy) => {
    expect(causeOf(SAID[name])).toContain(cause);
    expect(causeOf(SAID[name])).not.toMatch(/\n|exit code/);
    expect(remedyFor(SAID[name])).toContain(remedy);
  });

  test("that nobody knows have no remedy of ours", () => {
    expect([causeOf(SAID.machine), remedyFor(SAID.machine)]).toEqual([SAID.machine, undefined]);
    expect(causeOf("\n\n  strange: exit code 1")).toBe("strange: exit code 1");
  });
});

test.each([
  [
    ["Step 1/3 : RUN apt-get", "E: Version '1.0' for 'x' was not found", "The command failed"],
    "Version '1.0' for 'x' was not found",
  ],
  [["one", "two", ""], "two"],
  [["Step 1/3 : RUN busybox", "BusyBox v1.37.0 multi-call binary.\nwanted 0.0.0"], "wanted 0.0.0"],
  [[], undefined],
])("of %j the reason is %j", (lines, reason) => expect(reasonIn(lines)).toBe(reason));

test("logs of operations hold what was said, and are bounded in number", async () => {
  const home = await mkdtemp(join(tmpdir(), "recipe-ci-log-"));
  vi.stubEnv("RECIPE_CI_HOME", home);
  try {
    let last = "";
    for (let second = 0; second < 30; second++) {
      const log = new OperationLog("node-up", new Date(1_800_000_000_000 + second * 1000));
      log.write("one");
      log.write("two\n");
      last = log.file;
    }
    expect(await readFile(last, "utf8")).toBe("one\ntwo\n");
    const names = await readdir(join(home, "logs"));
    expect(names).toHaveLength(20);
    expect(names.sort().at(-1)).toBe(basename(last));
  } finally {
    vi.unstubAllEnvs();
    await rm(home, { recursive: true, force: true });
  }
});

import { describe, expect, test } from "vitest";
import { changedInputs } from "../../pulumi/command-provider/diff.ts";
import { checkInputs } from "../../pulumi/command-provider/inputs.ts";
import { CommandOutput, type Logging } from "../../pulumi/command-provider/output.ts";
import { redactor } from "../../pulumi/command-provider/redact.ts";
import { hasSecret, reveal, secret, UNKNOWN, type Value } from "../../pulumi/command-provider/values.ts";

const LOCAL = "command:local:Command";
const COPY = "command:remote:CopyToRemote";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const asset = (fields: Record<string, Value>) => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", ...fields });

describe("changedInputs", () => {
  test("nothing, when only outputs, unknown fields, secrecy or null differ", () => {
    const olds = { create: "a", stdout: "x", someNewerField: 1, stdin: "s", dir: null };
    expect(changedInputs(LOCAL, olds, { create: "a", stdin: secret("s") })).toEqual([]);
  });

  test("added, removed and changed inputs update; triggers replace", () => {
    const changes = changedInputs(
      LOCAL,
      { create: "a", dir: "/", triggers: [1] },
      { create: "b", stdin: "s", triggers: [2] },
    );
    expect(changes).toEqual([
      { name: "create", kind: "update", replace: false },
      { name: "stdin", kind: "add", replace: false },
      { name: "triggers", kind: "update", replace: true },
      { name: "dir", kind: "delete", replace: false },
    ]);
  });

  test("a value that isn't known yet is a change", () => {
    expect(changedInputs(LOCAL, { triggers: ["a"] }, { triggers: [UNKNOWN] })).toHaveLength(1);
  });

  test("a file that lies elsewhere with the same content is no change", () => {
    const olds = { source: asset({ hash: "h", path: "/a" }) };
    expect(changedInputs(COPY, olds, { source: asset({ hash: "h", path: "/b" }) })).toEqual([]);
    expect(changedInputs(COPY, olds, { source: asset({ hash: "i", path: "/a" }) })).toHaveLength(1);
  });
});

describe("checkInputs", () => {
  test("finds all mistakes at once, by their paths", () => {
    const connection = secret({ port: "22", hots: "typo", proxy: {} });
    expect(checkInputs(COPY, { connection, source: "text" }).map(({ property }) => property)).toEqual([
      "remotePath",
      "connection.host",
      "port",
      "hots",
      "proxy.host",
      "source",
    ]);
  });

  test("does not judge what isn't known yet", () => {
    expect(checkInputs(COPY, { connection: UNKNOWN, remotePath: UNKNOWN, source: UNKNOWN })).toEqual([]);
    expect(checkInputs(LOCAL, { environment: { A: UNKNOWN }, dir: secret(UNKNOWN) })).toEqual([]);
  });
});

describe("redactor", () => {
  test("hides secret strings, whole and by line, and of a connection only what gives access", () => {
    const redact = redactor({
      stdin: secret("first line\nsecond line"),
      environment: { A: secret("hunter22"), B: "public", C: secret("1") },
      connection: secret({ user: "root", host: "example", password: "pass-word", proxy: { password: "proxy-word" } }),
    });
    expect(redact("public 1 root@example hunter22 second line pass-word proxy-word")).toBe(
      "public 1 root@example [secret] [secret] [secret] [secret]",
    );
  });
});

describe("secrets", () => {
  test("are found and taken off at any depth", () => {
    const value = { a: [{ b: secret([secret("x")]) }] };
    expect(hasSecret(value)).toBe(true);
    expect(reveal(value)).toEqual({ a: [{ b: ["x"] }] });
    expect(hasSecret(reveal(value))).toBe(false);
  });
});

describe("CommandOutput", () => {
  const collect = (logging?: Logging) => {
    const lines: string[] = [];
    const output = new CommandOutput(logging, (line) => lines.push(line));
    output.add("stdout", Buffer.from("one\ntw"));
    output.add("stderr", Buffer.from("err\n"));
    output.add("stdout", Buffer.from("o"));
    output.end();
    return { lines, output };
  };

  test("keeps each stream, without the last line end, and both in order", () => {
    const { output } = collect();
    expect(output.result("stdout")).toBe("one\ntwo");
    expect(output.result("stderr")).toBe("err");
    expect(output.combined).toBe("one\ntwerr\no");
  });

  test.each<[Logging | undefined, string[]]>([
    [undefined, ["one", "err", "two"]],
    ["stdoutAndStderr", ["one", "err", "two"]],
    ["stdout", ["one", "two"]],
    ["stderr", ["err"]],
    ["none", []],
  ])("logging %s shows whole lines of the right streams", (logging, expected) => {
    expect(collect(logging).lines).toEqual(expected);
  });

  test("a character split between two pieces stays whole", () => {
    const output = new CommandOutput("none", () => undefined);
    const [first, second] = [Buffer.from("ü").subarray(0, 1), Buffer.from("ü").subarray(1)];
    output.add("stdout", first);
    output.add("stdout", second);
    expect(output.result("stdout")).toBe("ü");
  });
});

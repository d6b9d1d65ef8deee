import { describe, expect, it } from "vitest";
import { LOGINS_VARIABLE, parseLogins, registryLogins } from "../../images/registry-logins.ts";
import { describe as explain } from "../../lib/errors.ts";

const PASSWORD = "s3:cret";
const auth = Buffer.from(`ci:${PASSWORD}`).toString("base64");

function refusal(text: string): string {
  try {
    parseLogins(text);
    return "";
  } catch (error) {
    return explain(error);
  }
}

describe("registry logins", () => {
  it("are those of Docker's config.json, each for its registry alone", () => {
    const logins = parseLogins(JSON.stringify({ auths: { "registry.example.org:5000": { auth } } }));
    expect(logins("registry.example.org:5000")).toEqual({
      username: "ci",
      password: PASSWORD,
      serveraddress: "registry.example.org:5000",
    });
    expect(logins("registry.example.org")).toBeUndefined();
    expect(logins("docker.io")).toBeUndefined();
  });

  it.each(["https://index.docker.io/v1/", "docker.io"])("know Docker Hub as %s", (key) => {
    expect(parseLogins(JSON.stringify({ auths: { [key]: { auth } } }))("docker.io")).toMatchObject({ username: "ci" });
  });

  it("come by the environment, where there are some", () => {
    expect(registryLogins({})("docker.io")).toBeUndefined();
    const env = { [LOGINS_VARIABLE]: JSON.stringify({ auths: { "https://one.example/v2/": { auth } } }) };
    expect(registryLogins(env)("one.example")).toMatchObject({ username: "ci" });
  });

  it.each([
    [PASSWORD, /is not in the form of Docker's config\.json/],
    [JSON.stringify({ auths: [auth] }), /is not in the form/],
    [JSON.stringify({ auths: { "one.example": {} }, credsStore: "pass" }), /has no user and password for one\.example/],
    [JSON.stringify({ auths: { "one.example": { auth: Buffer.from(PASSWORD).toString("hex") } } }), /has no user/],
  ])("are refused in any other form, and not shown", (text, message) => {
    expect(refusal(text)).toMatch(message);
    for (const secret of [PASSWORD, auth]) expect(refusal(text)).not.toContain(secret);
  });
});

import { describe, expect, test } from "vitest";
import { inlineRefusedBy, policiesOf, refusedBy, upgraded } from "../../checks/http/content-policy.ts";

const PAGE = new URL("https://wiki.ci.test/");
const sent = (...values: string[]) => policiesOf({ "content-security-policy": values }, "");
const script = (url: string, more = {}) => ({ kind: "script" as const, url: new URL(url, PAGE), ...more });

describe("a script that a policy", () => {
  test.each([
    ["script-src 'self'", "/a.js"],
    ["default-src 'self'", "/a.js"],
    ["script-src *", "https://cdn.example.org/a.js"],
    ["script-src https:", "https://cdn.example.org/a.js"],
    ["script-src cdn.example.org", "https://cdn.example.org/a.js"],
    ["script-src http://cdn.example.org:80", "https://cdn.example.org/a.js"],
    ["script-src *.example.org", "https://cdn.example.org/a.js"],
    ["script-src wiki.ci.test:*", "https://wiki.ci.test:9000/a.js"],
    ["script-src wiki.ci.test/assets/", "/assets/a.js"],
    ["script-src WIKI.ci.test/a.js", "/a.js"],
    ["img-src 'none'", "/a.js"],
    ["script-src-elem 'self'; script-src 'none'", "/a.js"],
    ["script-src 'self'; script-src 'none'", "/a.js"],
  ])("%s lets in: %s", (policy, url) => {
    expect(refusedBy(sent(policy), script(url), PAGE)).toBeUndefined();
  });

  test.each([
    ["script-src 'none'", "/a.js"],
    ["script-src", "/a.js"],
    ["Default-Src https://wiki.example.com", "/a.js"],
    ["script-src *.ci.test", "https://ci.test/a.js"],
    ["script-src https://wiki.ci.test", "http://wiki.ci.test/a.js"],
    ["script-src wiki.ci.test", "https://wiki.ci.test:9000/a.js"],
    ["script-src wiki.ci.test/assets/", "/a.js"],
    ["script-src 'self' 'strict-dynamic'", "/a.js"],
    ["script-src 'nonce-abc'", "/a.js"],
    ["script-src 'self', script-src 'none'", "/a.js"],
  ])("%s keeps out: %s", (policy, url) => {
    expect(refusedBy(sent(policy), script(url), PAGE)).toBeDefined();
  });

  test("knows by its nonce, or may know by its hash, is let in", () => {
    const policy = sent("script-src 'strict-dynamic' 'nonce-Ab1' 'sha256-x'");
    expect(refusedBy(policy, script("/a.js", { nonce: "Ab1" }), PAGE)).toBeUndefined();
    expect(refusedBy(policy, script("/a.js", { integrity: "sha256-x" }), PAGE)).toBeUndefined();
    expect(refusedBy(policy, script("/a.js", { nonce: "ab1" }), PAGE)).toBe(
      "script-src 'strict-dynamic' 'nonce-Ab1' 'sha256-x'",
    );
  });
});

test("a stylesheet is asked for by its own directive", () => {
  const policy = sent("style-src 'self'; default-src 'none'");
  expect(refusedBy(policy, { kind: "stylesheet", url: new URL("/a.css", PAGE) }, PAGE)).toBeUndefined();
  expect(refusedBy(policy, script("/a.js"), PAGE)).toBe("default-src 'none'");
});

test("a page's own text has a policy for what follows", () => {
  const meta = `<meta http-equiv="Content-Security-Policy" content="script-src 'none'">`;
  expect(policiesOf({}, `<head>${meta}<script src=/a.js></script>`)).toEqual([new Map([["script-src", ["'none'"]]])]);
  expect(policiesOf({}, `<script src=/a.js></script>${meta}`)).toEqual([]);
  expect(policiesOf({ "content-security-policy-report-only": ["script-src 'none'"] }, "")).toEqual([]);
});

test("a policy has browsers ask over TLS for what a page has over plain HTTP", () => {
  const plain = new URL("http://wiki.ci.test/a.js");
  expect(upgraded(sent("upgrade-insecure-requests"), plain).href).toBe("https://wiki.ci.test/a.js");
  expect(upgraded(sent("script-src *"), plain)).toBe(plain);
});

test.each([
  ["script-src 'self'", true],
  ["script-src 'unsafe-inline'", false],
  ["script-src 'unsafe-inline' 'nonce-x'", true],
  ["script-src 'nonce-Ab1'", false],
  // printf 'boot()' | openssl dgst -sha256 -binary | base64
  ["script-src 'sha256-MeZS89WlF0u+o0hCvHTBt4q1WHU+U+sJKgbdRUc36mY='", false],
  ["script-src 'sha256-AAAA'", true],
  ["img-src 'self'", false],
])("of a script in the page %s refuses: %s", (policy, isRefused) => {
  const said = inlineRefusedBy(sent(policy), { text: "boot()", nonce: "Ab1" });
  expect(said !== undefined).toBe(isRefused);
});

import { describe, expect, test } from "vitest";
import { droppedCookie } from "../../checks/http/dropped-cookie.ts";

const of = (...cookies: string[]) => droppedCookie({ headers: { "set-cookie": cookies } }, "wiki.ci.test");

describe("a cookie that browsers do not take", () => {
  test("is one for another domain", () => {
    expect(of("a=1", "sid=2; Path=/; Domain=wiki.example.com; Secure")).toBe(
      "cookie sid is for wiki.example.com, and browsers take none of that from wiki.ci.test",
    );
  });

  test.each([
    ["sid=1; SameSite=None", /^cookie sid has SameSite=None and is not Secure, .* over TLS \(X-Forwarded-Proto\)\?$/],
    ["__Secure-sid=1; Path=/", /^cookie __Secure-sid is not Secure, and browsers take none by __Secure- that is not/],
    ["__Host-sid=1; Path=/", /by __Host- that is not/],
    ["__Host-sid=1; Path=/; Secure; Domain=wiki.ci.test", /has a Domain, and browsers take none such by __Host-$/],
    ["__Host-sid=1; Path=/app; Secure", /has no Path=\/, /],
  ])("%s", (cookie, says) => {
    expect(of(cookie)).toMatch(says);
  });
});

test.each([
  ["for the app's own domain", "b=2; domain=.WIKI.ci.test"],
  ["for one above it", "c=3; Domain=ci.test"],
  ["for no domain", "e=; Domain="],
  ["for TLS alone", "__Host-sid=1; Path=/; Secure; SameSite=None"],
  ["for the same site", "sid=1; SameSite=Lax"],
  ["that takes another back", "sid=; Max-Age=0; SameSite=None"],
  ["that takes another back by its day", "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=wiki.example.com"],
])("a cookie %s is taken", (_, cookie) => {
  expect(of(cookie)).toBeUndefined();
});

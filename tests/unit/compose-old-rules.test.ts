import { describe, expect, test } from "vitest";
import { oldRules } from "../../compose/labels/old-rules.ts";

const of = (rule: string, more: Record<string, string> = {}, protocol = "http") =>
  oldRules({ key: "web", labels: { [`traefik.${protocol}.routers.wiki.rule`]: rule, ...more } });

describe("a rule in the syntax of Traefik 2", () => {
  test("names its label and what to write", () => {
    expect(of("Host(`a.ci.test`, `www.a.ci.test`)")).toEqual([
      'label traefik.http.routers.wiki.rule of web is in the syntax of Traefik 2, which Traefik 3 does not serve: Host takes one value there, so write Host(`a.ci.test`) || Host(`www.a.ci.test`), where a variable such as EXTRA_DOMAINS adds to it ") || Host(`www.a.ci.test`" (or label traefik.http.routers.wiki.ruleSyntax=v2)',
    ]);
  });

  test.each([
    [
      "with several paths",
      "Host(`a`) && PathPrefix(`/api`,`/feed`)",
      /write PathPrefix\(`\/api`\) \|\| PathPrefix\(`\/feed`\)/,
    ],
    ["with quotes", 'Host("a", "b")', /write Host\(`a`\) \|\| Host\(`b`\)/],
    [
      "with an expression for a host",
      "HostRegexp(`{sub:[a-z]+}.a`)",
      /HostRegexp\(`\{sub:\[a-z\]\+\}\.a`\) takes the braces as they are/,
    ],
    ["with an expression for a path", "PathPrefix(`/{lang:(en|de)}`)", /PathRegexp takes a regular expression/],
    ["with a name for a part of a path", "Path(`/users/{id}`)", /never matches/],
    ["with the former name of a matcher", "Headers(`X-A`, `b`)", /Headers\(…\) is Header\(…\) there/],
  ])("%s", (_, rule, says) => {
    expect(of(rule)).toEqual([expect.stringMatching(says)]);
  });

  test("of TCP", () => {
    expect(of("HostSNI(`a`, `b`)", {}, "tcp")).toHaveLength(1);
  });

  test("is served where its router asks for that syntax", () => {
    expect(of("Host(`a`, `b`)", { "traefik.http.routers.wiki.rulesyntax": "v2" })).toEqual([]);
  });
});

test.each([
  "Host(`a`) || Host(`b`) && !PathPrefix(`/x`)",
  "Host(`a`) && (Header(`X-A`, `b`) || HeaderRegexp(`X-A`, `^b{2,3}$`))",
  "HostRegexp(`^[a-z]{2,}\\.a$`) || HostRegexp(`^\\p{L}+$`)",
  "Query(`a`, `b`) && PathRegexp(`^/(en|de)/\\d{2}`)",
  "Host(`a`",
  "",
])("a rule of version 3, or of none, is not: %s", (rule) => {
  expect(of(rule)).toEqual([]);
});

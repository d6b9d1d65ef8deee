import { describe, expect, test } from "vitest";
import { unavailable } from "../../images/image-problem.ts";
import { classify, PullError } from "../../images/pull.ts";
import { InfraError, UserErrors } from "../../lib/errors.ts";

describe("a registry's answer", () => {
  test.each([
    ["manifest for 127.0.0.1:5000/none:none not found: manifest unknown: manifest unknown", "not-found"],
    ["repository does not exist", "not-found"],
    [
      "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      "not-found",
    ],
    ["unauthorized: authentication required", "auth"],
    ["toomanyrequests: You have reached your pull rate limit.", "rate-limit"],
    ['Get "https://nosuch.invalid/v2/": dial tcp: lookup nosuch.invalid on 10.0.0.1:53: no such host', "network"],
    ['Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused', "network"],
    ['Get "https://10.0.0.1:5000/v2/": net/http: TLS handshake timeout', "network"],
    ["context deadline exceeded", "network"],
  ])("%s is %s", (answer, kind) => {
    expect(classify(answer)).toBe(kind);
  });
});

describe("images that cannot be had", () => {
  const missing = new PullError("a:1", "manifest unknown");
  const offline = new PullError("b:1", "no such host");

  test("blame the recipe as soon as one registry says it has no such image, and name all", () => {
    const error = unavailable([
      { failure: offline, usedBy: { file: "compose.yml", key: "services.b" } },
      { failure: missing, usedBy: { file: "compose.yml", key: "services.a" } },
    ]);
    expect(error).toBeInstanceOf(UserErrors);
    expect(error.message).toContain("compose.yml services.a: image a:1 cannot be had: manifest unknown");
    expect(error.message).toContain("compose.yml services.b: image b:1 cannot be had: no such host");
  });

  test.each([
    ["no registry answered", { failure: offline }, "b:1"],
    ["one wants a login", { failure: new PullError("c:1", "unauthorized: authentication required") }, "c:1"],
    ["one wants us to wait", { failure: new PullError("d:1", "toomanyrequests: You have reached your limit") }, "d:1"],
    ["the image is recipe-ci's own", { failure: missing, ours: true }, "a:1"],
  ])("are the machinery's matter when %s", (_, problem, image) => {
    const error = unavailable([{ ...problem, usedBy: { file: "compose.yml" } }]);
    expect(error).toBeInstanceOf(InfraError);
    expect(error.message).toContain(`compose.yml: image ${image}`);
  });
});

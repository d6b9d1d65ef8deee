import { strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, it, vi } from "vitest";
import { resolverRules } from "../../checks/browser/chromium.ts";
import { assertQuiet, unallowed } from "../../checks/browser/console.ts";
import { maskedTrace } from "../../checks/browser/mask-trace.ts";
import { ensureBrowser } from "../../checks/browser/programs.ts";
import type { ConsoleLine } from "../../checks/browser/use.ts";
import { interrupted } from "../../checks/browser/with-browser.ts";
import { describe as describeError, InfraError } from "../../lib/errors.ts";
import { installPackages } from "../../machine/requirements.ts";
import { Redactor } from "../../masking/redactor.ts";

const error = (text: string, url = "https://app.ci.test/"): ConsoleLine => ({ kind: "error", text, url });
const NOT_FOUND = "Failed to load resource: the server responded with a status of 404 ()";

describe("what a console may say", () => {
  it("is anything but errors, and exceptions that nobody caught", () => {
    const lines = [
      { ...error("a"), kind: "warning" },
      { ...error("b"), kind: "log" },
      { ...error("c"), kind: "exception" },
    ];
    expect(unallowed([...lines, error("d")]).map(({ text }) => text)).toEqual(["c", "d"]);
  });

  it("is an error that is allowed, by its text or by the address of what is missing", () => {
    const lines = [error("torn"), error(NOT_FOUND, "https://app.ci.test/logo.png")];
    const allow = [{ error: /^error: to/, reason: "it is" }];
    expect(unallowed(lines, allow)).toEqual([lines[1]]);
    expect(unallowed(lines, [...allow, { error: "/logo.png", reason: "no logo" }])).toEqual([]);
  });

  it("is that there is no icon, which a browser looks for of its own accord", () => {
    expect(unallowed([error(NOT_FOUND, "https://app.ci.test/favicon.ico")])).toEqual([]);
    const others = [
      error(NOT_FOUND, "https://app.ci.test/images/favicon.ico"),
      error("the server responded with a status of 500 ()", "https://app.ci.test/favicon.ico"),
    ];
    expect(unallowed(others)).toEqual(others);
  });

  it("is told once each, five of them at most", () => {
    const lines = [1, 1, 2, 3, 4, 5, 6, 7].map((number) => error(`no ${number}`));
    expect(() => assertQuiet(lines)).toThrow(/no 1 .*no 5 .*and 2 more$/s);
    expect(() => assertQuiet(lines, [{ error: "no", reason: "all known" }])).not.toThrow();
  });
});

describe("what a browser gave up by itself", () => {
  const torn = ["POST https://login.ci.test/in?code=secret net::ERR_NETWORK_CHANGED"];

  it("is the machine's, whatever it broke, and told without what was sent", () => {
    const failure = interrupted([{ torn: [] }, { torn }], new Error("Timeout 15000ms exceeded"));
    expect(describeError(failure)).toMatch(/^Chromium gave up https:\/\/login\.ci\.test\/in, since .*\n {2}remedy: /);
    expect(failure).toBeInstanceOf(InfraError);
  });

  it("is nothing where all was answered, or the machinery has failed already", () => {
    expect(interrupted([{ torn: [] }], new Error("no such page"))).toBeUndefined();
    expect(interrupted([{ torn }], new InfraError("Chromium ended"))).toBeUndefined();
  });
});

describe("the browser's programs", () => {
  it("are told in one line, with the remedy, where a Chromium is named that is not there", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/nowhere/chromium");
    const refusal = await ensureBrowser(() => undefined).catch(describeError);
    vi.unstubAllEnvs();
    expect(refusal).toBe("there is no Chromium at /nowhere/chromium\n  remedy: correct CHROMIUM_PATH, or unset it");
  });

  it("are told with the packages to install, where that can't be done from here", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    const refusal = installPackages(["chromium", "libnss3-tools"], "a check in a browser", () => undefined);
    await expect(refusal).rejects.toMatchObject({ remedy: "as root: apt-get install chromium libnss3-tools" });
    vi.restoreAllMocks();
  });
});

describe("names in the browser", () => {
  it("lead to Traefik below the base domain, and nowhere else", () => {
    const entry = { address: "10.1.2.3", port: 8443 };
    expect(resolverRules("ci.test", entry)).toBe("MAP *.ci.test:443 10.1.2.3:8443,MAP * ~NOTFOUND");
    expect(resolverRules("ci.test", { ...entry, address: "fd00::1" })).toContain("[fd00::1]:8443,");
  });
});

describe("a trace", () => {
  const secret = 'pa"ss &wörd';
  const redactor = new Redactor();
  redactor.add(secret);
  const picture = new Uint8Array([0xff, 0xd8, 0xfe]);
  const masked = unzipSync(
    maskedTrace(
      zipSync({
        "trace.trace": strToU8(`${JSON.stringify({ typed: secret })}\n${JSON.stringify({ n: 1 })}\n`),
        "trace.network": strToU8(JSON.stringify({ url: `https://a/?p=${encodeURIComponent(secret)}` })),
        "resources/body.dat": strToU8(`user=a&password=${new URLSearchParams([["", secret]]).toString().slice(1)}`),
        "resources/page.jpeg": picture,
      }),
      redactor,
    ),
  );
  const text = (name: string) => Buffer.from(masked[name] ?? []).toString();

  it("has no secret, however it is written", () => {
    expect(text("trace.trace")).toBe('{"typed":"[secret]"}\n{"n":1}\n');
    expect(text("trace.network")).toBe('{"url":"https://a/?p=[secret]"}');
    expect(text("resources/body.dat")).toBe("user=a&password=[secret]");
  });

  it("has its pictures byte for byte", () => {
    expect(masked["resources/page.jpeg"]).toEqual(picture);
  });
});

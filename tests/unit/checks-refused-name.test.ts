import { expect, test } from "vitest";
import { refusedName } from "../../checks/http/refused-name.ts";
import { Probe, type ProbeRequest, type ProbeResponse } from "../../checks/probe.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const HOST = "wiki-1.ci.test";
const ended = { status: 0, error: "Empty reply from server" };

/** Answers 200 to those that are asked by these names, and this to all others. */
class Choosy extends Probe {
  private readonly names: Readonly<Record<string, Partial<ProbeResponse>>>;
  private readonly refusal: Partial<ProbeResponse>;

  constructor(names: Record<string, Partial<ProbeResponse>>, refusal: Partial<ProbeResponse>) {
    super(connect("unix:///nonexistent/docker.sock"), "probe");
    this.names = names;
    this.refusal = refusal;
  }

  override async http({ headers = {} }: ProbeRequest): Promise<ProbeResponse> {
    const answer = this.names[headers.Host ?? ""] ?? this.refusal;
    return { status: 200, contentType: "text/html", body: "", headers: {}, durationMs: 1, ...answer };
  }
}

function saidOf(
  names: Record<string, Partial<ProbeResponse>>,
  refusal: Partial<ProbeResponse>,
  env: Record<string, string> = {},
) {
  const app = appSpec({ services: [serviceSpec({ env })] });
  const context = { app, probe: new Choosy(names, refusal), signal: new AbortController().signal };
  return refusedName(context, {}, new URL(`https://${HOST}/`));
}

test("an app that knows localhost alone says so, with the setting", async () => {
  const env = { BIND: "localhost", ALLOWED_HOSTS: "localhost,127.0.0.1" };
  expect(await saidOf({ localhost: {} }, { status: 400 }, env)).toBe(
    `the app answers 400 to whoever asks it by ${HOST}, and answers 200 to whoever does by localhost, as ALLOWED_HOSTS of app says: it has to be told its domain`,
  );
});

test("one that ends connections by another name than the sample's does as well", async () => {
  expect(await saidOf({ "wiki.example.com": {} }, ended, { SITE: "wiki.example.com" })).toMatch(
    /^the app ends the connection of whoever .* by wiki\.example\.com, the domain of \.env\.sample, as SITE of app says: /,
  );
});

test.each([
  ["that refuses all names", {}, { status: 400 }],
  [
    "that leads on to its right name by any other",
    { localhost: { status: 301, headers: { location: ["https://x/"] } } },
  ],
  ["that is not ready", { localhost: {} }, { status: 503 }],
  ["that answers by its own name", { localhost: {}, [HOST]: {} }, { status: 403 }],
])("one %s does not", async (_, names, refusal = { status: 403 }) => {
  expect(await saidOf(names, refusal)).toBeUndefined();
});

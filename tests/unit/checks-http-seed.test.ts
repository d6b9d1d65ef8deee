import { expect, test } from "vitest";
import { authorContext } from "../../checks/author-context.ts";
import { Probe, type ProbeRequest, type ProbeResponse } from "../../checks/probe.ts";
import { httpSeed } from "../../checks/seeds/http-seed.ts";
import { Sidecars } from "../../checks/sidecar/sidecars.ts";
import { connect } from "../../swarm/client.ts";
import { checkContext } from "../fixtures/spec.ts";

/** An app with one object, which only who is logged in may see. */
class Api extends Probe {
  object: string | undefined;
  status = 200;
  readonly asked: ProbeRequest[] = [];

  constructor() {
    super(connect("unix:///nonexistent/docker.sock"), "probe");
  }

  override async http(request: ProbeRequest): Promise<ProbeResponse> {
    this.asked.push(request);
    if (request.method === "PUT") this.object = request.body;
    const missing = this.object === undefined ? 404 : this.status;
    const status = request.headers?.Authorization === "Bearer 7" ? missing : 401;
    return { status, contentType: "application/json", body: this.object ?? "", headers: {}, durationMs: 1 };
  }
}

test("an object of an app's API is written and read by a session of its own, and gone where the app says so", async () => {
  const api = new Api();
  const context = authorContext(checkContext({ probe: api }), new Sidecars(checkContext()));
  const seed = httpSeed({
    session: async ({ http }) => http({ headers: { Authorization: "Bearer 7" } }),
    write: (session, value) => session.send("PUT", "/objects/1", { json: { value } }),
    path: "/objects/1",
    value: (answer) => answer.json<{ value: string }>().value,
  });
  expect(seed.name).toBe("object");
  expect(await seed.read(context)).toBeUndefined();
  api.object = "";
  await seed.write(context, "seed-1");
  expect(await seed.read(context)).toBe("seed-1");
  api.status = 500;
  await expect(seed.read(context)).rejects.toThrow("GET /objects/1: status 500");
  const stranger = httpSeed({ write: async () => undefined, path: "/objects/1", value: () => "x" });
  await expect(stranger.read(context)).rejects.toThrow("status 401");
});

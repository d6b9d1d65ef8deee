import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { type AnsweredRequest, api } from "./api/application.ts";
import type { Controls } from "./controls.ts";
import type { Machines } from "./machines.ts";
import { Project } from "./project.ts";
import { World } from "./world.ts";

/** Characters of a token. */
const TOKEN = /^[A-Za-z0-9]{64}$/;

export type Access = "read and write" | "read";

/** Whose project a token opens, and how far. */
export interface Grant {
  project: Project;
  access: Access;
}

/**
 * Hetzner's Cloud API on a port of 127.0.0.1, as far as a node's program and the reaper use it, with machines behind
 * that the caller gives. All of its state is in this process. Dispose of it after use.
 */
export class Emulator {
  /** What a client takes as its endpoint. */
  readonly endpoint: string;
  readonly world: World;
  /** Every request that was answered, in order. */
  readonly requests: AnsweredRequest[];
  readonly #grants: Map<string, Grant>;
  readonly #server: ServerType;

  private constructor(
    parts: Pick<Emulator, "world" | "requests"> & { grants: Map<string, Grant>; server: ServerType },
  ) {
    this.world = parts.world;
    this.requests = parts.requests;
    this.#grants = parts.grants;
    this.#server = parts.server;
    this.endpoint = `http://127.0.0.1:${(parts.server.address() as AddressInfo).port}/v1`;
  }

  static async start(machines: Machines): Promise<Emulator> {
    const world = new World(machines);
    const grants = new Map<string, Grant>();
    const requests: AnsweredRequest[] = [];
    const { fetch } = api(world, (token) => grants.get(token), requests);
    const server = await new Promise<ServerType>((resolve) => {
      const started = serve({ fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(started));
    });
    return new Emulator({ world, requests, grants, server });
  }

  /** What a test can make go wrong. */
  get controls(): Controls {
    return this.world.controls;
  }

  /** An empty project that a token opens. */
  addProject(token: string): Project {
    const project = new Project(this.world);
    this.addToken(token, project);
    return project;
  }

  /** Another token of a project. */
  addToken(token: string, project: Project, access: Access = "read and write"): void {
    if (!TOKEN.test(token)) throw new RangeError("a token has 64 letters and digits");
    this.#grants.set(token, { project, access });
  }

  /** Ends at once what is still going on. Machines are left to whoever gave them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

import type { z } from "zod";
import type { Project } from "../project.ts";
import type { World } from "../world.ts";
import { ApiError, type FieldFault, invalidFields, notFound } from "./api-error.ts";

/** One request, in a project that its token belongs to. */
export class Call {
  readonly world: World;
  readonly project: Project;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly body: string;

  constructor(parts: { world: World; project: Project; url: URL; params: Record<string, string>; body: string }) {
    this.world = parts.world;
    this.project = parts.project;
    this.url = parts.url;
    this.params = parts.params;
    this.body = parts.body;
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  /** A number in the path. @throws ApiError 404 where it is none, as no resource has such an id */
  id(name = "id"): number {
    const text = this.params[name] ?? "";
    if (!/^[1-9]\d*$/.test(text)) throw notFound(`resource ${text}`);
    return Number(text);
  }

  /** A text in the path. */
  param(name: string): string {
    return this.params[name] ?? "";
  }

  /** The body as a schema says. @throws ApiError 400 for what is no JSON, 422 with every field that is wrong */
  json<S extends z.ZodType>(schema: S): z.output<S> {
    const result = schema.safeParse(parseJson(this.body));
    if (result.success) return result.data;
    const faults = new Map<string, FieldFault>();
    for (const { path, message } of result.error.issues) {
      const name = path.join(".");
      const fault = faults.get(name) ?? { name, messages: [] };
      fault.messages.push(message);
      faults.set(name, fault);
    }
    throw invalidFields([...faults.values()]);
  }
}

/** What an operation answers: a body, or nothing with 204. A page also has its `Link` header. */
export interface Answer {
  status: 200 | 201 | 204;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One operation of the API. It runs to its end without waiting, so requests never see each other half done. */
export interface Route {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/v1`, with `:name` for what varies. */
  path: string;
  handle: (call: Call) => Answer;
}

export function get(path: string, handle: Route["handle"]): Route {
  return { method: "GET", path, handle };
}

export function post(path: string, handle: Route["handle"]): Route {
  return { method: "POST", path, handle };
}

export function put(path: string, handle: Route["handle"]): Route {
  return { method: "PUT", path, handle };
}

export function del(path: string, handle: Route["handle"]): Route {
  return { method: "DELETE", path, handle };
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

export const NOTHING: Answer = { status: 204 };

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, "json_error", "invalid JSON in request");
  }
}

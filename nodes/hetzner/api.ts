import type { Duration } from "../../lib/duration.ts";
import { InfraError } from "../../lib/errors.ts";
import { type Attempt, until } from "../../lib/until.ts";

/** Where Hetzner's API is, and what opens a project there. */
export interface ApiAccess {
  /** Without a slash at its end. */
  endpoint: string;
  token: string;
}

/** Hetzner's Cloud API. */
export const ENDPOINT = "https://api.hetzner.cloud/v1";

/** A refusal, in the API's own words. */
export class ApiRefusal extends InfraError {
  readonly status: number;
  /** The API's own word for it, such as `resource_in_use`. */
  readonly code: string;

  constructor(request: string, status: number, code: string, message: string) {
    super(`Hetzner: ${request}: ${message} (${code})`);
    this.status = status;
    this.code = code;
  }
}

/** Refusals that end by themselves: another change goes on, the hour's requests are used up, the API is down. */
const PASSING = ["conflict", "locked", "rate_limit_exceeded", "unavailable", "timeout", "server_error"];

/** Entries of a page, at most. */
const PAGE = 50;

/**
 * One request. A refusal that ends by itself is borne for a time.
 *
 * @param request such as `GET /servers`
 * @param passing further codes of refusals that end by themselves
 * @param patience for how long; default: 2 minutes
 * @throws ApiRefusal; InfraError where nobody answers
 */
export function ask<T>(
  access: ApiAccess,
  request: string,
  { body, passing = [], patience = "2 min" }: { body?: unknown; passing?: readonly string[]; patience?: Duration } = {},
): Promise<T> {
  return until(
    async () => {
      const answer = await once<T>(access, request, body);
      if (!(answer instanceof InfraError)) return { done: true, value: answer } satisfies Attempt<T>;
      if (answer instanceof ApiRefusal && ![...PASSING, ...passing].includes(answer.code)) throw answer;
      return { done: false, reason: answer.message };
    },
    { what: `an answer of Hetzner to ${request}`, deadline: patience, every: "1 s" },
  );
}

/**
 * All entries of a list, from all its pages.
 *
 * @param kind its path: `servers`, `zones/1/rrsets`
 * @param query such as `label_selector=…`
 */
export async function list<T>(access: ApiAccess, kind: string, query: Record<string, string> = {}): Promise<T[]> {
  const found: T[] = [];
  for (let page: number | null = 1; page !== null; ) {
    const search = new URLSearchParams({ ...query, per_page: String(PAGE), page: String(page) });
    const answer: Page<T> = await ask(access, `GET /${kind}?${search}`);
    found.push(...((answer[kind.split("/").at(-1) ?? kind] ?? []) as T[]));
    page = answer.meta?.pagination?.next_page ?? null;
  }
  return found;
}

type Page<T> = Record<string, T[] | unknown> & { meta?: { pagination?: { next_page: number | null } } };

async function once<T>({ endpoint, token }: ApiAccess, request: string, body: unknown): Promise<T | InfraError> {
  const [method = "GET", path = "/"] = request.split(" ");
  const asked = `${method} ${path.split("?")[0]}`;
  try {
    const answer = await fetch(`${endpoint}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (answer.ok) return (text ? JSON.parse(text) : undefined) as T;
    const { error = {} } = parsed(text);
    return new ApiRefusal(asked, answer.status, error.code ?? String(answer.status), error.message ?? "refused");
  } catch (error) {
    const { message, cause } = error as Error;
    return new InfraError(`Hetzner's API at ${endpoint} does not answer: ${(cause as Error)?.message || message}`);
  }
}

/** What stands before the API may answer with a page of its own. */
function parsed(text: string): { error?: { code?: string; message?: string } } {
  try {
    return JSON.parse(text) as ReturnType<typeof parsed>;
  } catch {
    return {};
  }
}

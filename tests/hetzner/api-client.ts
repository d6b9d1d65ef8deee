import type { Emulator } from "./emulator/emulator.ts";

/** A token of this project's own tests. */
export const TOKEN = "t".repeat(64);

/** What the API answered. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API says, which is what a test looks at
  body: any;
}

/** Asks the look-alike by plain HTTP, for what no client shows. `body`: sent as JSON, a text as it is. */
export async function ask(
  { endpoint }: Emulator,
  request: string,
  body?: unknown,
  token: string | undefined = TOKEN,
): Promise<Answer> {
  const [method = "GET", path = "/"] = request.split(" ");
  const answer = await fetch(`${endpoint}${path}`, {
    method,
    headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), "Content-Type": "application/json" },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
}

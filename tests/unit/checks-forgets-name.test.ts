import { describe, expect, test } from "vitest";
import { placesIn } from "../../checks/http/forgets-name.ts";

const OLD = "wiki-1a2b3c.ci.test";
const answer = (body: string, headers: Record<string, string[]> = {}) => ({ body, headers });

describe("what an answer says of a domain", () => {
  test("nothing, where it names another", () => {
    expect(placesIn(answer("<a href=https://wiki-9f8e7d.ci.test/>", { location: ["/login"] }), OLD)).toEqual([]);
  });

  test("by a redirect or a cookie", () => {
    const headers = { location: [`https://${OLD}/`], "set-cookie": ["a=1", `b=2; Domain=${OLD}`] };
    expect(placesIn(answer("", headers), OLD)).toEqual([
      `location is "https://${OLD}/"`,
      `set-cookie is "b=2; Domain=${OLD}"`,
    ]);
  });

  test("by a link, with what stands around it, on one line", () => {
    const body = `${"-".repeat(500)}<a\n href="https://${OLD}/page">there</a>${"-".repeat(500)}`;
    const [place = ""] = placesIn(answer(body), OLD);
    expect(place).toContain(`<a href="https://${OLD}/page">there</a>`);
    expect(place.length).toBeLessThan(200);
  });
});

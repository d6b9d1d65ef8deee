import { describe, expect, test } from "vitest";
import { AuthorError } from "../../checks/authored.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { acceptsWrite, gone, intact, plant, type Seed, seedValue } from "../../checks/seeds/seed.ts";
import { InfraError } from "../../lib/errors.ts";
import type { Owner } from "../../lib/owner.ts";
import { DeadlineError } from "../../lib/until.ts";
import { checkContext } from "../fixtures/spec.ts";

/** Data of an app that a test can lose, freeze or break. */
class MemorySeed implements Seed {
  name = "row";
  value: string | undefined;
  written: string[] = [];
  /** Writes that the app refuses before it takes one. */
  refusals = 0;
  /** The app says yes and keeps nothing. */
  forgets = false;

  async write(_: unknown, value: string): Promise<void> {
    this.written.push(value);
    if (this.written.length <= this.refusals) throw new Error("database is read-only");
    if (!this.forgets) this.value = value;
  }

  async read(): Promise<string | undefined> {
    return this.value;
  }
}

const planted = () => Object.assign(new MemorySeed(), { value: "seed-row-0a1b2c" });

test("the value of a seed is unlike that of any other seed or run", () => {
  expect(seedValue(Object.assign(new MemorySeed(), { name: "file" }), "1")).toBe("seed-file-1");
  expect(seedValue(planted(), "0a1b2c")).toBe("seed-row-0a1b2c");
});

describe("planting", () => {
  test("writes the value and reads it back, whatever blanks the app adds", async () => {
    const seed = new MemorySeed();
    seed.read = async () => `${seed.value}\n`;
    expect((await plant(seed)(checkContext())).summary).toBe("wrote and read back seed-row-0a1b2c");
    expect(seed.written).toEqual(["seed-row-0a1b2c"]);
  });

  test("fails when the app says yes and keeps nothing", async () => {
    const seed = Object.assign(new MemorySeed(), { forgets: true });
    await expect(plant(seed)(checkContext())).rejects.toThrow(
      'seed row reads "seed-row-0a1b2c": not within 10.0 s; last seen: it is gone',
    );
  });

  test("fails when the app refuses", async () => {
    const seed = Object.assign(new MemorySeed(), { refusals: 1 });
    await expect(plant(seed)(checkContext())).rejects.toThrow("database is read-only");
  });
});

describe("looking for a seed", () => {
  test("holds when it is there, and writes nothing", async () => {
    const seed = planted();
    await intact(seed)(checkContext());
    expect(seed.written).toEqual([]);
  });

  test.each([
    ["is gone", undefined, "it is gone"],
    ["is another run's", "seed-row-ffffff", 'it reads "seed-row-ffffff"'],
    ["has something around it", "x seed-row-0a1b2c", 'it reads "x seed-row-0a1b2c"'],
  ])("fails when it %s", async (_, value, reason) => {
    const seed = Object.assign(new MemorySeed(), { value });
    await expect(intact(seed)(checkContext())).rejects.toMatchObject({
      name: "CheckFailure",
      message: `seed row reads "seed-row-0a1b2c": not within 10.0 s; last seen: ${reason}`,
    });
  });

  test("a long value is cut in the error", async () => {
    const seed = Object.assign(new MemorySeed(), { value: "x".repeat(10_000) });
    const error = await intact(seed)(checkContext()).catch((failure: Error) => failure.message);
    expect(String(error).length).toBeLessThan(400);
  });
});

describe("destroyed data", () => {
  test("is gone when nothing can be read", async () => {
    await expect(gone(new MemorySeed())(checkContext())).resolves.toMatchObject({ summary: expect.any(String) });
  });

  test("is not gone while it is read, even when empty", async () => {
    await expect(gone(planted())(checkContext())).rejects.toThrow('still reads "seed-row-0a1b2c"');
    await expect(gone(Object.assign(new MemorySeed(), { value: "" }))(checkContext())).rejects.toThrow('reads ""');
  });
});

describe("an app that answers with an error once its data is destroyed", () => {
  const failing = (over: Partial<Seed> = {}): Seed => {
    const read = async () => {
      throw new Error('relation "rows" does not exist');
    };
    return Object.assign(new MemorySeed(), { read, ...over });
  };

  test("says nothing of the data by that, and its words are passed on", async () => {
    await expect(gone(failing())(checkContext())).rejects.toMatchObject({
      name: "CheckFailure",
      message: expect.stringMatching(/relation "rows" does not exist \(an error does not say that it is gone/),
    });
  });

  test("may need a moment", async () => {
    let looks = 0;
    const read = async () => {
      if (++looks < 3) throw new Error("the database system is starting up");
      return undefined;
    };
    await expect(gone(failing({ read }))(checkContext())).resolves.toBeDefined();
  });

  test.each([true, false])("is judged by what its seed says: %s", async (said) => {
    const outcome = gone(failing({ destroyed: async () => said }))(checkContext());
    await (said ? expect(outcome).resolves.toBeDefined() : expect(outcome).rejects.toThrow("still there"));
  });
});

describe("an app that accepts writes", () => {
  test("takes a value never written before", async () => {
    const seed = planted();
    await acceptsWrite(seed)(checkContext());
    expect(seed.written).toEqual(["write-row-0a1b2c-1"]);
  });

  test("may need some attempts, which are counted, each with a value of its own", async () => {
    const seed = Object.assign(planted(), { refusals: 2 });
    const evidence = await acceptsWrite(seed)(checkContext());
    expect(evidence.details).toEqual({ attempts: 3 });
    expect(seed.written).toEqual(["write-row-0a1b2c-1", "write-row-0a1b2c-2", "write-row-0a1b2c-3"]);
  });

  test("fails when no attempt is taken in time, with the last reason", async () => {
    const seed = Object.assign(planted(), { refusals: Number.POSITIVE_INFINITY });
    await expect(acceptsWrite(seed, "1 s")(checkContext())).rejects.toMatchObject({
      name: "CheckFailure",
      message: "no write accepted in 6 attempts over 1.0 s: database is read-only",
    });
  });

  test("fails when writes are taken and not kept", async () => {
    const seed = Object.assign(planted(), { forgets: true });
    await expect(acceptsWrite(seed, "5 s")(checkContext())).rejects.toThrow(/it reads "seed-row-0a1b2c"/);
  });

  test("is not asked again once the run is cancelled", async () => {
    const seed = Object.assign(planted(), { refusals: Number.POSITIVE_INFINITY });
    const signal = AbortSignal.abort(new Error("cancelled by SIGINT"));
    await expect(acceptsWrite(seed)(checkContext({ signal }))).rejects.toThrow("cancelled by SIGINT");
    expect(seed.written).toHaveLength(1);
  });
});

describe("what breaks while a seed is looked for has its own owner:", () => {
  const broken = (error: unknown) => Object.assign(new MemorySeed(), { read: () => Promise.reject(error) });
  const helper = new DeadlineError("container of probe", 60_000, "none runs", "infra");

  test.each<[string, unknown, Owner]>([
    ["the author's code", new AuthorError("seed of ci.ts broke"), "author"],
    ["the machinery", new InfraError("no answer"), "infra"],
    ["a helper of ours that does not run", new CheckFailure("it does not run", { owner: "infra" }), "infra"],
    ["what is waited for in it", helper, "infra"],
    ["the app", new CheckFailure("status 500"), "recipe"],
    ["the app, in words of no owner", new Error("status 500"), "recipe"],
  ])("%s", async (_, error, owner) => {
    await expect(gone(broken(error))(checkContext())).rejects.toMatchObject({ owner });
  });

  test("recipe-ci's own mistakes are thrown as they are", async () => {
    const mistake = new TypeError("x is undefined");
    await expect(gone(broken(mistake))(checkContext())).rejects.toBe(mistake);
  });

  test("and an author's code that breaks for a moment may mend itself", async () => {
    let looks = 0;
    const seed = new MemorySeed();
    seed.read = async () => {
      if (++looks < 3) throw new AuthorError("SyntaxError: no JSON yet");
      return undefined;
    };
    await expect(gone(seed)(checkContext())).resolves.toBeDefined();
  });

  test("who is waited for in a look that never ends well is charged, and not the app", async () => {
    await expect(intact(broken(helper))(checkContext())).rejects.toMatchObject({ owner: "infra" });
    const lost = Object.assign(new MemorySeed(), { value: undefined });
    await expect(intact(lost)(checkContext())).rejects.toMatchObject({ owner: "recipe" });
  });
});

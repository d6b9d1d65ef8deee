import { describe, expect, test } from "vitest";
import { MOST_BACKUPS, orRedone } from "../../checks/backup/redone.ts";
import type { CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { Restic } from "../../checks/restic.ts";
import { connect } from "../../swarm/client.ts";
import { checkContext } from "../fixtures/spec.ts";

/** A repository of which only the number of snapshots is known. */
class Counted extends Restic {
  made = 1;

  constructor() {
    super(connect("unix:///nonexistent/docker.sock"), "helper", () => "");
  }

  override async count(): Promise<number> {
    return this.made;
  }

  override async backup() {
    this.made += 1;
    return { snapshot: "0123456789", files: 1, bytes: 1 };
  }
}

function backups(fails: number, owner: "recipe" | "infra" = "recipe") {
  const restic = new Counted();
  const asked: string[] = [];
  const other: CheckFunction = async () => ({ summary: String(asked.push(`other ${restic.made}`)) });
  const look: CheckFunction = async () => {
    asked.push(`look ${restic.made}`);
    if (restic.made <= fails) throw new CheckFailure("the snapshot lacks it", { owner });
    return { summary: "held" };
  };
  const settle: CheckFunction = async () => ({ summary: String(asked.push("settle")) });
  const check = orRedone(look, { resticOf: () => restic, looks: [look, other], settle, mayLose: undefined });
  return { seen: check(checkContext()), asked, restic };
}

describe("a backup whose verification fails", () => {
  test("is not made again where it holds at once", async () => {
    const { seen, asked } = backups(0);
    await expect(seen).resolves.toEqual({ summary: "held" });
    expect(asked).toEqual(["look 1"]);
  });

  test("is made again once all stands, must hold all that others asked for, and tells it", async () => {
    const { seen, asked } = backups(1);
    const summary = "held; the backup had to be made 1 time more";
    await expect(seen).resolves.toEqual({ summary, repeated: ["the snapshot lacks it"] });
    expect(asked).toEqual(["look 1", "settle", "other 2", "look 2"]);
  });

  test("is made three times at most, whoever asked for more of them before", async () => {
    const { seen, restic } = backups(MOST_BACKUPS);
    await expect(seen).rejects.toThrow("the snapshot lacks it\nso it is after the backup was made 3 times");
    expect(restic.made).toBe(3);
  });

  test("is not made again for what is not the recipe's", async () => {
    const { seen, restic } = backups(1, "infra");
    await expect(seen).rejects.toThrow("the snapshot lacks it");
    expect(restic.made).toBe(1);
  });
});

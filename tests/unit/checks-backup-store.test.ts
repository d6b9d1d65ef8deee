import { describe, expect, it } from "vitest";
import { backupStore, repositoryIn, STORE, STORE_KEYS } from "../../checks/backup/store.ts";
import { describe as explain } from "../../lib/errors.ts";

const URL = "s3:https://s3.example.org/ci/backups";

function storeOf(url: string | undefined, keys = "ID:se:cret") {
  return backupStore({ [STORE.variable]: url, [STORE_KEYS.variable]: keys });
}

function refusal(url: string, keys?: string): string {
  try {
    storeOf(url, keys);
    return "";
  } catch (error) {
    return explain(error);
  }
}

describe("the store of backups", () => {
  it("is none where nothing is said", () => {
    expect(storeOf(undefined)).toBeUndefined();
    expect(storeOf("")).toBeUndefined();
  });

  it("is a bucket with what opens it, and has a folder for each run", () => {
    const store = { url: URL, keys: { id: "ID", secret: "se:cret" } };
    expect(storeOf(`${URL}/`)).toEqual(store);
    expect(repositoryIn(store, "run-1")).toBe(`${URL}/run-1`);
  });

  it.each(["https://s3.example.org/ci", "s3:https://s3.example.org", "s3:https://s3.example.org/ci?x=1"])(
    "is not %s",
    (url) => {
      expect(refusal(url)).toMatch(/^recipe-ci:backupStore: .* is no place for backups\n {2}remedy: name a bucket/);
    },
  );

  it.each(["", "IDandsecret", "ID: secret"])("is refused without both keys, which are not shown", (keys) => {
    const text = refusal(URL, keys);
    expect(text).toMatch(/^recipe-ci:backupStoreKeys: is not set, or not in the form ID:SECRET/);
    if (keys) expect(text).not.toContain(keys);
  });
});

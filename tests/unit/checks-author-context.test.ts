import { describe, expect, test } from "vitest";
import { authorContext } from "../../checks/author-context.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { secretPlace } from "../../checks/mounted-secret.ts";
import { sqlSeed } from "../../checks/seeds/sql-seed.ts";
import { Sidecars } from "../../checks/sidecar/sidecars.ts";
import { InfraError } from "../../lib/errors.ts";
import { appSpec, checkContext, serviceSpec, volumeMount } from "../fixtures/spec.ts";

describe("eventually", () => {
  const { eventually } = authorContext(checkContext(), new Sidecars(checkContext()));
  /** Fails with these, one after the other, and then holds. */
  const failing =
    (...errors: unknown[]) =>
    async () => {
      if (errors.length > 0) throw errors.shift();
      return "there";
    };

  test("looks again as long as the look fails", async () => {
    expect(await eventually(failing(new CheckFailure("not yet"), new Error("still not")))).toBe("there");
  });

  test("fails with what the last look said", async () => {
    const never = () => Promise.reject(new CheckFailure("the row is gone"));
    const failure = eventually(never, { within: "2 s", what: "the row" });
    await expect(failure).rejects.toMatchObject({
      name: "CheckFailure",
      message: "the row: not within 2.0 s; last seen: the row is gone",
      owner: "recipe",
    });
  });

  test.each([new TypeError("x is undefined"), new InfraError("no engine")])("ends at once with %s", async (error) => {
    await expect(eventually(failing(error))).rejects.toBe(error);
  });
});

const secrets = [{ key: "db_password", name: "wiki_db_password_v1", file: "pw", uid: "0", gid: "0", mode: 0o444 }];
const db = serviceSpec({ key: "db", secrets, mounts: [volumeMount("wiki_mariadb", "/var/lib/mysql")] });
const app = appSpec({
  services: [serviceSpec(), db],
  secrets: [{ key: "db_password", name: "wiki_db_password_v1", external: true }] as never,
  volumes: [{ key: "mariadb", name: "wiki_mariadb", external: false, driverOpts: {}, labels: {} }],
});

test("a secret is read where a service mounts it", () => {
  expect(secretPlace(app, "db_password")).toEqual({ service: "db", path: "/run/secrets/pw" });
  expect(() => secretPlace(app, "db_password", "app")).toThrow('and not service "app" mounts it');
  expect(() => secretPlace(app, "db_pasword")).toThrow("no service mounts it: did you mean db_password?");
});

describe("what an app needs", () => {
  const needed = { keycloak: appSpec({ domain: "keyc-1.ci.test", services: [serviceSpec({ key: "app" })] }) };
  const { needs } = authorContext(checkContext({ app, needed }), new Sidecars(checkContext()));

  test("is there by its recipe, with its own services", async () => {
    expect(needs.keycloak?.domain).toBe("keyc-1.ci.test");
    await expect(async () => needs.keycloak?.service("db").exec(["true"])).rejects.toThrow('ci.ts names service "db"');
  });

  test("is only what the definition declares", () => {
    for (const name of ["keyclok", "constructor"]) expect(() => needs[name]).toThrow("is no dependency of it");
    expect(() => needs.keyclok).toThrow("did you mean keycloak?");
    expect(() => authorContext(checkContext(), new Sidecars(checkContext())).needs.wiki).toThrow("it declares none");
  });
});

describe("a row in a database", () => {
  const seed = sqlSeed({ kind: "mariadb", database: "wiki", password: "db_password" });
  const labelled = (labels: Record<string, string>) => ({ ...app, services: [serviceSpec(), { ...db, labels }] });

  test("is looked for in the dump that the labels name in the database's own volume", () => {
    const labels = { "backupbot.backup": "true", "backupbot.backup.volumes.mariadb.path": "dump.sql.gz" };
    expect(seed.snapshotPlace?.(labelled(labels))).toEqual({
      path: "/var/lib/docker/volumes/wiki_mariadb/_data/dump.sql.gz",
    });
  });

  test("is left to the restore where no label names a dump", () => {
    expect(seed.snapshotPlace?.(labelled({ "backupbot.backup": "true" }))).toBeUndefined();
    const other = sqlSeed({ kind: "mariadb", database: "wiki", dump: "other.sql" });
    const labels = { "backupbot.backup": "true", "backupbot.backup.volumes.mariadb.path": "dump.sql.gz" };
    expect(other.snapshotPlace?.(labelled(labels))).toBeUndefined();
  });
});

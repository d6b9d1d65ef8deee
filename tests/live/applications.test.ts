import { beforeAll, describe, expect, test } from "vitest";
import { ensureImages } from "../../images/ensure.ts";
import { localMirror } from "../../images/mirror.ts";
import type { Swarm } from "../../swarm/client.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { inContainer, said, succeeds } from "./stand-in-container.ts";
import { testSwarm } from "./swarm-fixture.ts";

/** The stand-ins of head: what is tried here is built for the run below as well, in one file, and so on one node. */
const MARIADB = "mariadb:11.8";
const WORDPRESS = "wordpress:6.8";
const REDIS = "redis:8.0";

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarm();
  const images = [MARIADB, WORDPRESS, REDIS].map((image) => ({ image, usedBy: {} }));
  await ensureImages({ swarm, mirror: await localMirror(swarm), images });
});

/** Those of the other stand-ins are in contracts. */
const PROOF = { concurrent: true, skip: !process.env.RECIPE_CI_PROOF };

describe("MariaDB keeps the contract of its upstream's image", PROOF, () => {
  const HEALTHY = ["healthcheck.sh", "--connect", "--innodb_initialized"] as const;

  test("makes database, user and scripts' tables at its first start, with passwords from files", async () => {
    const script = `mkdir /s && printf "it's\\\\" > /s/user && printf root > /s/root &&
      echo "CREATE TABLE made (a INT)" > /docker-entrypoint-initdb.d/1.sql && exec docker-entrypoint.sh mariadbd`;
    const env = {
      MYSQL_DATABASE: "wiki",
      MARIADB_USER: "writer",
      MARIADB_PASSWORD_FILE: "/s/user",
      MYSQL_ROOT_PASSWORD_FILE: "/s/root",
    };
    await inContainer(swarm, { image: MARIADB, entrypoint: ["sh", "-c", script], env }, async (helper) => {
      await succeeds(helper, HEALTHY);
      const asked = 'MYSQL_PWD="$(cat /s/user)" mariadb -h 127.0.0.1 -u writer -N wiki -e "SHOW TABLES"';
      expect(await said(helper, asked)).toBe("made");
      expect(await said(helper, "MYSQL_PWD=root mariadb -u root -N -e 'SELECT 1'")).toBe("1");
      expect(await said(helper, "MYSQL_PWD=wrong mariadb -u root -e 'SELECT 1'")).toContain("Access denied");
      expect(await said(helper, "stat -c %u:%g /var/lib/mysql/ibdata1")).toBe("999:999");
      expect(await said(helper, "ps -o user= -C mariadbd || stat -c %U /proc/1")).toContain("mysql");
      expect(await said(helper, "healthcheck.sh --no-such-test")).toBe("unknown test --no-such-test");
    });
  });

  test("does not begin on an empty volume without any password", async () => {
    await inContainer(swarm, { image: MARIADB }, async (helper) => {
      expect(await helper.wait("30 s")).toBe(1);
      expect(await helper.logs()).toContain("MARIADB_ROOT_PASSWORD");
    });
  });
});

describe("Redis keeps the contract of its upstream's image", PROOF, () => {
  test("serves other containers without a password, as user redis, with its data in /data", async () => {
    const container = { image: REDIS, entrypoint: ["docker-entrypoint.sh", "--save", "60 1"], network: "bridge" };
    await inContainer(swarm, container, async (helper) => {
      await succeeds(helper, ["redis-cli", "ping"]);
      const elsewhere = "redis-cli -h $(hostname -i | cut -d' ' -f1)";
      expect(await said(helper, `${elsewhere} set a b`)).toBe("OK");
      expect(await said(helper, `${elsewhere} save && stat -c %U:%u /data/dump.rdb`)).toBe("OK\nredis:999");
      expect(
        await said(helper, "stat -c %U /proc/$(pidof redis-server) && redis-cli config get save | tail -n 1"),
      ).toBe("redis\n60 1");
    });
  });

  test("keeps to what a file of settings says of other containers", async () => {
    const script = `echo "protected-mode yes" > /data/own.conf && exec docker-entrypoint.sh /data/own.conf`;
    const container = { image: REDIS, entrypoint: ["sh", "-c", script], network: "bridge" };
    await inContainer(swarm, container, async (helper) => {
      await succeeds(helper, ["redis-cli", "ping"]);
      expect(await said(helper, "redis-cli -h $(hostname -i | cut -d' ' -f1) ping")).toContain("protected mode");
    });
  });
});

describe("WordPress keeps the contract of its upstream's image", PROOF, () => {
  test("puts itself into the docroot, takes secrets from files, and serves as www-data", async () => {
    const script = `printf 'a"b' > /password && exec docker-entrypoint.sh apache2-foreground`;
    const env = { WORDPRESS_DB_HOST: "127.0.0.1:1", WORDPRESS_DB_PASSWORD_FILE: "/password" };
    await inContainer(swarm, { image: WORDPRESS, entrypoint: ["bash", "-c", script], env }, async (helper) => {
      await succeeds(helper, [
        "curl",
        "-fsS",
        "http://localhost/wp-includes/js/jquery/jquery.min.js",
        "-o",
        "/dev/null",
      ]);
      const status = "curl -s -o /dev/null -w '%{http_code}' http://localhost/";
      // No database answers.
      expect(await said(helper, status)).toBe("500");
      await helper.exec(["sed", "-i", "/wp-settings/d", "wp-config.php"]);
      const password = `php -r 'include "wp-config.php"; echo DB_PASSWORD, strlen(AUTH_KEY);'`;
      expect(await said(helper, password)).toBe('a"b64');
      expect(
        await said(helper, "stat -c %U:%a wp-content/uploads wp-content 2> /dev/null; stat -c %U index.php"),
      ).toMatch(/www-data:1777\nwww-data$/);
      expect(await said(helper, "ls wp-content/themes/*/style.css | head -n 1")).toContain("style.css");
    });
  });
});

describe("real applications pass their whole lives", { concurrent: true }, () => {
  test("Matrix Synapse, with its data in Postgres, whose users sign on at Keycloak, with its own in MariaDB", async () => {
    const { result, summaryOf } = await wholeLife("matrix-synapse");
    expect([result.base?.version, result.head.version]).toEqual(["1.0.0+v1.139.2", "1.1.0+v1.163.2"]);
    expect(result.deployments).toMatchObject([
      { role: "dependency", recipe: "keycloak", version: "1.0.0+26.0.7" },
      { role: "subject", recipe: "matrix-synapse" },
    ]);
    expect(summaryOf("backup.holds-row")).toMatch(/ holds seed-row-/);
    for (const phase of ["install", "upgrade", "restore", "move"]) {
      expect(summaryOf(`${phase}.journey-message`)).toMatch(/^\d+ messages in /);
      expect(summaryOf(`${phase}.journey-sign-on`)).toBe(summaryOf("install.journey-sign-on"));
    }
  });

  test("WordPress, with its data in MariaDB", async () => {
    const { result, summaryOf } = await wholeLife("wordpress");
    expect([result.base?.version, result.head.version]).toEqual(["1.0.0+6.1", "1.1.0+6.8"]);
    // The dump is a gzip: the row was found within.
    expect(summaryOf("backup.holds-row")).toMatch(/_mariadb\/_data\/backup\.sql\.gz holds seed-row-/);
    for (const phase of ["install", "upgrade", "restore"])
      expect(summaryOf(`${phase}.journey-post`)).toMatch(/^200 from https:/);
    // The copy is a site of its own, under another domain.
    expect(summaryOf("move.journey-post")).toMatch(/^200 from https:/);
    expect(summaryOf("move.journey-post")).not.toBe(summaryOf("restore.journey-post"));
    expect(summaryOf("upgrade.custom-schema")).toBe("no update required");
    expect(summaryOf("restore.custom-cache")).toMatch(/^a page found [1-9]\d* things in Redis$/);
    expect(result.standIns.map(({ image }) => image)).toEqual(expect.arrayContaining([MARIADB, REDIS, WORDPRESS]));
  });

  test("Mumble, over TLS and UDP, and from its upgrade on by ports of the node", async () => {
    const { result, summaryOf } = await wholeLife("mumble");
    expect([result.base?.version, result.head.version]).toEqual(["1.0.0+v1.3.4-0", "1.1.0+v1.5.735-0"]);
    expect(summaryOf("install.answers")).toMatch(/^TLSv1\.3 with .*:64738.*; 24 bytes from .*:64738$/);
    expect(summaryOf("install.journey-room")).toBe("Mumble 1.3, 3 channels");
    expect(summaryOf("upgrade.journey-room")).toBe("Mumble 1.5, 3 channels");
    expect(summaryOf("restore.journey-room")).toBe("Mumble 1.5, 3 channels");
  });
});

async function wholeLife(recipe: string) {
  const result = resultOf(await recipeCi("run", recipe, "--json"));
  expect(result, result.reason).toMatchObject({
    verdict: "pass",
    ledger: { left: [], lost: [] },
    lint: { counts: { errors: 0 } },
  });
  const checks = result.phases.flatMap((phase) => phase.checks);
  const summaryOf = (name: string) => {
    const found = checks.find((check) => check.name === name);
    return found?.status === "passed" ? found.summary : undefined;
  };
  return { result, summaryOf };
}

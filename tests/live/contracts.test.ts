import { beforeAll, describe, expect, test } from "vitest";
import { ensureImages } from "../../images/ensure.ts";
import { localMirror } from "../../images/mirror.ts";
import { MAIL_IMAGE } from "../../images/own.ts";
import type { Swarm } from "../../swarm/client.ts";
import { inContainer, said, succeeds } from "./stand-in-container.ts";
import { testSwarm } from "./swarm-fixture.ts";

const POSTGRES = "postgres:17";
const SYNAPSE = "matrixdotorg/synapse:v1.163.2";
const KEYCLOAK = "keycloak/keycloak:26.1.4";
const GITEA = "gitea/gitea:1.26.0-rootless";
const MINIFLUX = "miniflux/miniflux:2.3.5";

// Built for the catalogue alone, and so tried by the proof alone.
const PROOF = { skip: !process.env.RECIPE_CI_PROOF, concurrent: true, timeout: 240_000 };

let swarm: Swarm;
beforeAll(async () => {
  if (PROOF.skip) return;
  swarm = await testSwarm();
  const images = [POSTGRES, SYNAPSE, KEYCLOAK, GITEA, MINIFLUX, MAIL_IMAGE].map((image) => ({ image, usedBy: {} }));
  await ensureImages({ swarm, mirror: await localMirror(swarm), images });
}, 1_800_000);

/** What an image says of itself. */
async function configOf(image: string) {
  const { Config } = await swarm.docker.getImage(image).inspect();
  return {
    user: Config.User,
    entrypoint: Config.Entrypoint,
    ports: Object.keys(Config.ExposedPorts ?? {}),
    volumes: Object.keys(Config.Volumes ?? {}),
    health: Config.Healthcheck?.Test,
    // Docker's own types have none.
    stop: (Config as { StopSignal?: string }).StopSignal,
  };
}

describe("Postgres keeps the contract of its upstream's image", PROOF, () => {
  test("makes database, user and scripts' tables at its first start, with a password from a file", async () => {
    const script = `mkdir /s && printf "it's\\\\" > /s/password &&
      echo "CREATE TABLE made (a INT);" > /docker-entrypoint-initdb.d/1.sql && exec docker-entrypoint.sh postgres`;
    const env = { POSTGRES_USER: "writer", POSTGRES_DB: "wiki", POSTGRES_PASSWORD_FILE: "/s/password" };
    await inContainer(
      swarm,
      { image: POSTGRES, entrypoint: ["bash", "-c", script], env, network: "bridge" },
      async (helper) => {
        // While it is made it listens to no address.
        await succeeds(helper, ["pg_isready", "--host=127.0.0.1", "--username=writer", "--dbname=wiki"]);
        const client = "psql -h $(hostname -i | cut -d' ' -f1) -U writer -d wiki -Atc";
        expect(await said(helper, `PGPASSWORD="$(cat /s/password)" ${client} '\\dt' | cut -d'|' -f2`)).toBe("made");
        expect(await said(helper, `PGPASSWORD=wrong ${client} 'SELECT 1'`)).toContain("password authentication failed");
        expect(await said(helper, "stat -c %u:%g:%a /var/lib/postgresql/data")).toBe("999:999:700");
        expect(await said(helper, "stat -c %u /proc/$(head -n 1 /var/lib/postgresql/data/postmaster.pid)")).toBe("999");
      },
    );
  });

  test.each([
    ["without any password", {}, "POSTGRES_PASSWORD"],
    [
      "with one given in two ways",
      { POSTGRES_PASSWORD: "a", POSTGRES_PASSWORD_FILE: "/etc/hostname" },
      "are exclusive",
    ],
  ])("does not begin on an empty volume %s", async (_, env, says) => {
    await inContainer(swarm, { image: POSTGRES, env }, async (helper) => {
      expect(await helper.wait("60 s")).toBe(1);
      expect(await helper.logs()).toContain(says);
    });
  });

  test("has its data, port and signal where recipes count on them", async () => {
    expect(await configOf(POSTGRES)).toMatchObject({
      entrypoint: ["docker-entrypoint.sh"],
      ports: ["5432/tcp"],
      volumes: ["/var/lib/postgresql/data"],
      stop: "SIGINT",
    });
  });
});

describe("Synapse keeps the contract of its upstream's image", PROOF, () => {
  test("makes a configuration with keys, and serves it, as the user that UID names", async () => {
    const env = { SYNAPSE_SERVER_NAME: "wiki.test", SYNAPSE_REPORT_STATS: "no", UID: "1234", GID: "1234" };
    const script = "/start.py generate && exec /start.py";
    await inContainer(swarm, { image: SYNAPSE, entrypoint: ["sh", "-c", script], env }, async (helper) => {
      await succeeds(helper, ["curl", "-fSs", "http://localhost:8008/health"]);
      const files = "stat -c %u:%g /data/homeserver.yaml /data/wiki.test.signing.key";
      expect(await said(helper, files)).toBe("1234:1234\n1234:1234");
      expect(
        await said(helper, "for p in /proc/[0-9]*; do grep -qs homeserver $p/cmdline && stat -c %u $p; done | sort -u"),
      ).toContain("1234");
    });
  });

  test("says what is missing where nothing was made", async () => {
    await inContainer(swarm, { image: SYNAPSE }, async (helper) => {
      expect(await helper.wait("60 s")).toBe(1);
      expect(await helper.logs()).toContain("/data/homeserver.yaml' does not exist");
    });
  });

  test("has its data, ports and health check where recipes count on them", async () => {
    const { health, ...rest } = await configOf(SYNAPSE);
    expect(rest).toMatchObject({
      entrypoint: ["/start.py"],
      ports: ["8008/tcp", "8009/tcp", "8448/tcp"],
      volumes: ["/data"],
    });
    expect(health?.join(" ")).toContain("curl -fSs http://localhost:8008/health");
  });
});

describe("Keycloak keeps the contract of its upstream's image", PROOF, () => {
  test("is a program that does what its arguments say, as user 1000 of group 0, who may write where it must", async () => {
    await inContainer(swarm, { image: KEYCLOAK, entrypoint: ["sleep", "120"] }, async (helper) => {
      expect(await said(helper, "/opt/keycloak/bin/kc.sh --version")).toContain("Keycloak 26.1.4");
      expect(await said(helper, "id -u; id -g")).toBe("1000\n0");
      const writable =
        "cd /opt/keycloak && for d in data conf providers themes; do mkdir -p $d && touch $d/t || echo $d; done";
      expect(await said(helper, writable)).toBe("");
      // Recipes' health checks speak HTTP by it.
      expect(await said(helper, "command -v bash")).not.toBe("");
    });
  });

  test("has its program and ports where recipes count on them", async () => {
    const { entrypoint, ports, user } = await configOf(KEYCLOAK);
    expect({ entrypoint, ports, user }).toEqual({
      entrypoint: ["/opt/keycloak/bin/kc.sh"],
      ports: ["8080/tcp", "8443/tcp", "9000/tcp"],
      user: "1000",
    });
  });
});

describe("Gitea keeps the contract of its upstream's image", PROOF, () => {
  test("makes settings of variables at its first start, and serves and obeys by them, as user 1000", async () => {
    const env = { SECRET_KEY: "of-tests", GITEA__server__ROOT_URL: "https://wiki.test/", SSH_PORT: "2200" };
    await inContainer(swarm, { image: GITEA, env }, async (helper) => {
      await succeeds(helper, ["curl", "-fSs", "http://localhost:3000/api/healthz"]);
      expect(await said(helper, "curl -s http://localhost:3000/api/v1/version")).toBe('{"version":"1.26.0"}');
      expect(await said(helper, "stat -c %u:%g:%a /etc/gitea/app.ini /var/lib/gitea/git")).toBe(
        "1000:1000:600\n1000:1000:700",
      );
      const settings = "sed -nE 's/^(SSH_PORT|ROOT_URL|INSTALL_LOCK) *= *//p' /etc/gitea/app.ini | sort";
      expect(await said(helper, settings)).toBe("2200\nhttps://wiki.test/\ntrue");
      const create = "gitea admin user create --admin --username ada --email ada@wiki.test --random-password";
      expect(await said(helper, create)).toContain("New user 'ada' has been successfully created!");
      const page = await said(helper, "curl -s http://localhost:3000/");
      // What a page asks for at its start is there: a browser's console stays empty.
      const assets = [...page.matchAll(/<(?:link|script|img)\b[^>]*(?:href|src)="(\/assets\/[^"?]+)/g)].map(
        ([, path]) => path,
      );
      expect(assets.length).toBeGreaterThan(3);
      const codes = assets.map((path) => `curl -so /dev/null -w '%{http_code} ' http://localhost:3000${path}`);
      expect(new Set((await said(helper, codes.join(";"))).split(" "))).toEqual(new Set(["200"]));
    });
  });

  test("has its data, settings, ports and programs where recipes count on them", async () => {
    const { entrypoint, ports, user, volumes } = await configOf(GITEA);
    expect({ entrypoint, ports, user, volumes }).toEqual({
      entrypoint: ["/usr/bin/dumb-init", "--", "/usr/local/bin/docker-entrypoint.sh"],
      ports: ["2222/tcp", "3000/tcp"],
      user: "1000:1000",
      volumes: ["/etc/gitea", "/var/lib/gitea"],
    });
  });
});

describe("Miniflux keeps the contract of its upstream's image", PROOF, () => {
  test("is a program that does what its arguments say, as nobody, and finds authorities", async () => {
    await inContainer(swarm, { image: MINIFLUX, entrypoint: ["sleep", "120"] }, async (helper) => {
      expect(await said(helper, "/usr/bin/miniflux -version; id -u")).toBe("2.3.5\n65534");
      expect(await said(helper, "/usr/bin/miniflux -healthcheck auto; echo $?")).toMatch(/^1\nhealth check failure/);
      expect(await said(helper, "wc -l < /etc/ssl/certs/ca-certificates.crt")).toMatch(/^\d{4}$/);
    });
  });

  test("serves on all addresses, and says what is wrong where there is no database", async () => {
    const Image = await swarm.docker.getImage(MINIFLUX).inspect();
    expect(Image.Config).toMatchObject({ Cmd: ["/usr/bin/miniflux"], User: "65534", Entrypoint: null });
    expect(Image.Config.Env).toContain("LISTEN_ADDR=0.0.0.0:8080");
    expect(Object.keys(Image.Config.ExposedPorts ?? {})).toEqual(["8080/tcp"]);
    await inContainer(swarm, { image: MINIFLUX }, async (helper) => {
      expect(await helper.wait("60 s")).toBe(1);
      expect(await helper.logs()).toMatch(/database/i);
    });
  });
});

describe("Mailpit keeps the contract of its upstream's image", PROOF, () => {
  test("takes mail and answers for it at the same ports, and says when it is ready", async () => {
    expect(await configOf(MAIL_IMAGE)).toMatchObject({
      entrypoint: ["/mailpit"],
      ports: expect.arrayContaining(["1025/tcp", "8025/tcp"]),
      health: ["CMD", "/mailpit", "readyz"],
    });
    await inContainer(swarm, { image: MAIL_IMAGE }, async (helper) => {
      await succeeds(helper, ["/mailpit", "readyz"]);
    });
  });
});

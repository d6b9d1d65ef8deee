import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffApps } from "../../diff/diff-apps.ts";
import { masked, maskedList, maskedText } from "../../masking/mask.ts";
import { maskedApp } from "../../masking/mask-app.ts";
import { maskedLines } from "../../masking/mask-lines.ts";
import { HIDDEN, isSensitive } from "../../masking/sensitive.ts";
import { appText } from "../../report/terminal/app/app.ts";
import { changedApp, richApp } from "../fixtures/rich-app.ts";

const words = (text: string) => text.trim().split(/\s+/);

test.each(
  words(`
    ADMIN_PASSWORD SMTP_PASSWORD1 SMTP_PASS DB_PASS DBPASS ROOTPW LDAP_BINDPW MYSQL_PWD PGPASSWORD requirepass
    masterauth REDISCLI_AUTH JWT_SECRET SECRET_KEY_BASE TOKEN token access_token MASTERKEY ENCRYPTION_KEY APIKEY
    JWT ADMIN_JWT COOKIE ERLANG_COOKIE sessionCookie
    API_KEY api-key apiKey secretKey accessKey privateKey private_key key SENTRY_DSN PASSWORD_SALT dbPassword
    ldap.bind-pw basicauth.users traefik.http.middlewares.w.basicAuth.users PASSCODE GPGKEY KEY_2
  `),
)("%s names a secret", (name) => {
  expect(isSensitive(name)).toBe(true);
  expect(masked(name, "hunter22")).toBe(HIDDEN);
});

test.each(
  words(`
    KEYCLOAK_URL KEYCLOAK_HOST monkey MONKEY turkey hotkey KEYBOARD COMPASS BYPASS AUTHOR AUTHENTIK_HOST AUTH_TYPE
    auth_basic DB_PASSWORD_FILE passwordFile SECRET_X_VERSION TOKEN_TTL TOKEN_URL KEY_ID PUBLIC_KEY primaryKey
    proxy_pass fastcgi_pass pass_through proxy_cache_key MAX_TOKENS server_tokens tokenizer DB_USER ADMIN_USERNAME
    PASSWORD_POLICY passwordMinLength password_encryption key_buffer_size basicauth.realm STACK_NAME TIMEOUT
    OAUTH_CLIENT_ID DESCRIPTION PWDIR JWT_ISSUER COOKIE_DOMAIN COOKIE_SECURE JWT_ALG
  `),
)("%s names none", (name) => {
  expect(isSensitive(name)).toBe(false);
  expect(masked(name, "hunter22")).toBe("hunter22");
});

test.each(
  [
    ["", "true", "off", "none", "25", "300s", "/run/secrets/db", "/etc/ssl/private/key.pem", "$DB_PASSWORD"],
    ["/key.pem", "./key.pem", "/etc/ssl/CA.pem", "/app/Keys/Mine", "~/Keys/a.pem"],
    ['{{ secret "db" }}', "$(cat /run/secrets/db)", "process.env.PASSWORD", HIDDEN],
  ].flat(),
)("%j is no secret, whatever it is called", (value) => {
  expect(masked("PASSWORD", value)).toBe(value);
});

test.each(["/9j4AAQSkZJRgABAQ/Zz+", "/hunter22", "hunter/22x", "Hunter22/x9Kq/"])("%j may be one", (value) => {
  expect(masked("PASSWORD", value)).toBe(HIDDEN);
});

test.each([
  ["ADMIN_USER", "admin:hunter2", "admin:(hidden)"],
  ["USERS", "a@b.test:hunter2,bob:hunter3", "a@b.test:(hidden),bob:(hidden)"],
  ["INITIAL_ACCOUNTS", "wiki:hunter2 x:hunter3", "wiki:(hidden) x:(hidden)"],
  ["RUN_AS_USER", "1000:1000", "1000:1000"],
  ["APP_USER", "node:node", "node:node"],
  ["USER_SERVICE", "users:8080", "users:8080"],
  ["USER_API", "https://users.test/x", "https://users.test/x"],
  ["IMAGE", "wiki:latest", "wiki:latest"],
])("of %s=%s the password of a pair is hidden: %s", (name, value, shown) => {
  expect(masked(name, value)).toBe(shown);
});

/** What is written, and what is shown of it. */
const TEXTS: [written: string, shown: string][] = [
  ["mysqld -phunter20 --requirepass hunter30", "mysqld -p(hidden) --requirepass (hidden)"],
  ["redis-cli -a hunter7 ping", "redis-cli -a (hidden) ping"],
  ["mysql -p'correct horse' -e x", "mysql -p(hidden) -e x"],
  ["serve --password 'correct horse battery' --title x", "serve --password '(hidden)' --title x"],
  ["serve --token=hunter --api-key hunter", "serve --token=(hidden) --api-key (hidden)"],
  ["PGPASSWORD=hunter psql -U wiki", "PGPASSWORD=(hidden) psql -U wiki"],
  ["curl -u wiki:hunter http://app", "curl -u wiki:(hidden) http://app"],
  ['curl -H "Authorization: Bearer hunter" x', 'curl -H "Authorization: Bearer (hidden)" x'],
  ["wget --header 'X-Api-Token: hunter' x", "wget --header 'X-Api-Token: (hidden)' x"],
  ["sshpass -p hunter ssh x", "sshpass -p (hidden) ssh x"],
  ["java -Ddb.password=hunter -Xmx1g", "java -Ddb.password=(hidden) -Xmx1g"],
  ["addr=10.0.0.1,username=wiki,password=hunter,rw", "addr=10.0.0.1,username=wiki,password=(hidden),rw"],
  ["postgres://wiki:hunter@db/wiki?password=hunter&x=1", "postgres://wiki:(hidden)@db/wiki?password=(hidden)&x=1"],
  ['{"password":"hunter","user":"wiki"}', '{"password":"(hidden)","user":"wiki"}'],
  [`git clone https://x/ghp_${"0".repeat(36)}`, "git clone https://x/(hidden)"],
];
const HARMLESS_TEXTS = [
  'mysqladmin ping -u root -p"$PASSWORD"',
  "postgres://wiki:$PASSWORD@db/wiki",
  "redis-cli ping; tar -a x",
  "psql -p 5432 -U wiki",
  "mkdir -p /data",
  "curl --fail http://127.0.0.1:8080/token",
  "serve --key /etc/ssl/private/key.pem --auth --title monkey",
  "registry.example/token:8080",
  "echo password",
];

test.each(TEXTS)("%s is shown as %s", (written, shown) => {
  expect(maskedText(written)).toBe(shown);
  expect(maskedText(shown)).toBe(shown);
});

test.each(HARMLESS_TEXTS)("%s is shown as it is", (text) => {
  expect(maskedText(text)).toBe(text);
});

test("a list of arguments is read as one command", () => {
  expect(maskedList(["CMD", "redis-cli", "-a", "hunter70", "ping"])).toEqual([
    "CMD",
    "redis-cli",
    "-a",
    HIDDEN,
    "ping",
  ]);
  expect(maskedList(["sh", "-c", "mysql -phunter"])).toEqual(["sh", "-c", `mysql -p${HIDDEN}`]);
  expect(maskedList(["--password", "correct horse", "x"])).toEqual(["--password", HIDDEN, "x"]);
});

/** Lines of config files of every kind. */
const FILE: [written: string, shown: string][] = [
  ["db_password = hunter9 # the old one", "db_password = (hidden)"],
  ["db_host = localhost", "db_host = localhost"],
  ["; password=hunter", "; password=(hidden)"],
  ['password = {{ secret "db_password" }}', 'password = {{ secret "db_password" }}'],
  ['  "password": "hunter",', '  "password": "(hidden)",'],
  ['  "passwords": ["hunter", "more"],', '  "passwords": (hidden),'],
  ["secret: |", "secret: (hidden)"],
  ["  hunter line", "  (hidden)"],
  ["    deeper: hunter", "    (hidden)"],
  ["other: x", "other: x"],
  ["tokens:", "tokens:"],
  ["  - hunter", "  (hidden)"],
  ["  - name: wiki", "  - name: wiki"],
  ["requirepass hunter", "requirepass (hidden)"],
  ["ssl_certificate_key /etc/ssl/key.pem;", "ssl_certificate_key /etc/ssl/key.pem;"],
  ['auth_basic "Closed";', 'auth_basic "Closed";'],
  ["proxy_pass http://app:80;", "proxy_pass http://app:80;"],
  ["proxy_set_header X-Auth-Token $token;", "proxy_set_header X-Auth-Token $token;"],
  ['SetEnv DB_PASSWORD "hunter"', "SetEnv DB_PASSWORD (hidden)"],
  ["define('DB_PASSWORD', 'hunter');", "define('DB_PASSWORD', \"(hidden)\");"],
  ["$CONFIG['dbpassword'] = 'hunter';", "$CONFIG['dbpassword'] = '(hidden)';"],
  ["'password' => 'hunter',", "'password' => '(hidden)',"],
  ["<password>hunter</password>", "<password>(hidden)</password>"],
  ["-----BEGIN RSA PRIVATE KEY-----", "(hidden)"],
  ["MIIEhunter", "(hidden)"],
  ["-----END RSA PRIVATE KEY-----", "(hidden)"],
  ["after = 1", "after = 1"],
  ["admin:$apr1$abc$hunter", "admin:(hidden)"],
  ["ALTER USER wiki PASSWORD 'hunter';", "ALTER USER wiki PASSWORD '(hidden)';"],
  ["CREATE USER wiki IDENTIFIED BY 'hunter';", "CREATE USER wiki IDENTIFIED BY '(hidden)';"],
  ['export PGPASSWORD="$(cat /run/secrets/db)"', 'export PGPASSWORD="$(cat /run/secrets/db)"'],
  ["mysql -u root -phunter", "mysql -u root -p(hidden)"],
  ["Forgot your password now", "Forgot your password now"],
  ["max_tokens: 4096", "max_tokens: 4096"],
];

describe("a config file", () => {
  const written = FILE.map(([line]) => line).join("\n");
  const shown = maskedLines(written).split("\n");

  test.each(FILE.map(([line, safe], index) => [line, safe, index] as const))("%s is shown as %s", (_, safe, index) => {
    expect(shown[index]).toBe(safe);
  });

  test("has as many lines as before, whatever is in them", () => {
    const lines = fc.array(fc.oneof(fc.constantFrom(...FILE.map(([line]) => line)), fc.string()), { maxLength: 40 });
    fc.assert(
      fc.property(lines, (some) => {
        const text = some.join("\n");
        expect(maskedLines(text).split("\n")).toHaveLength(text.split("\n").length);
      }),
    );
  });
});

test("text made to take long does not: what is done grows with its length alone", () => {
  const times = (unit: string) => {
    const before = process.cpuUsage();
    for (const look of [maskedLines, maskedText, isSensitive]) look(unit.repeat(Math.ceil((1 << 16) / unit.length)));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const units = ["-", "a", "A", '"', " ", ";", "a=", "password=", 'password="\\', "password=$(", "password={{", "://"];
  const more = ["password=[", "--password ", "<a>", "define('a','", "eyJaaaaa.", 'mysql -p" ', "authorization: a "];
  // Growing with the square, the quickest of them would take many seconds.
  for (const unit of [...units, ...more]) expect([unit, times(unit) < 1250]).toEqual([unit, true]);
});

describe("an app to be shown", () => {
  const secret = "hunter-in-a-rich-app";
  const app = changedApp((copy) => {
    for (const service of copy.services) {
      service.env.LDAP_BINDPW = secret;
      service.labels["x.password"] = secret;
      service.containerLabels = { ...service.containerLabels, token: secret };
      service.command = ["redis-cli", "-a", secret];
      service.args = ["--password", secret];
      service.healthcheck = { test: ["CMD-SHELL", `mysqladmin -p${secret} ping`] };
      service.logDriver = { name: "splunk", options: { "splunk-token": secret } };
      service.mounts = service.mounts.map((mount) => ({
        ...mount,
        volume: { driver: { name: "local", options: { o: `username=wiki,password=${secret}` } } },
      }));
      service.networks = service.networks.map((network) => ({ ...network, driverOpts: { key: secret } }));
      service.labels["backupbot.backup.pre-hook"] = `mysqldump -p${secret} wiki`;
    }
    for (const volume of copy.volumes) volume.driverOpts = { o: `password=${secret}` };
    for (const network of copy.networks) network.driverOpts = { secret };
    for (const { content } of copy.secrets) if (content) content.data = Buffer.from(secret).toString("base64");
    for (const config of copy.configs) config.data = Buffer.from(`password: ${secret}\n`).toString("base64");
  });

  test("holds none of its secrets, in configs neither", () => {
    expect(JSON.stringify(app)).toContain(secret);
    const shown = maskedApp(app);
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(JSON.stringify(shown)).not.toContain(Buffer.from(secret).toString("base64"));
    const texts = new Set(shown.configs.map(({ data }) => Buffer.from(data, "base64").toString()));
    expect(texts).toEqual(new Set([`password: ${HIDDEN}\n`]));
    expect(appText(app, true, { plain: true, columns: 100 })).not.toContain(secret);
    expect(JSON.stringify([diffApps(richApp, app), diffApps(app, richApp)])).not.toContain(secret);
  });

  test("is the app as it is where nothing is secret, and the app itself stays whole", () => {
    const plain = changedApp((copy) => {
      for (const { env, labels } of copy.services) {
        for (const name of ["SMTP_PASSWORD", "MARIADB_ROOT_PASSWORD"]) delete env[name];
        delete labels["traefik.http.middlewares.w.basicauth.users"];
      }
      for (const one of copy.secrets) delete one.content;
    });
    expect(maskedApp(plain)).toEqual(plain);
    const before = structuredClone(richApp);
    maskedApp(richApp);
    expect(richApp).toEqual(before);
  });
});

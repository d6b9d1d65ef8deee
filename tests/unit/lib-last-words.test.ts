import { expect, test } from "vitest";
import { lastWords } from "../../lib/plain-text.ts";

const NODE = `node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module '/app/server.js'
    at Function._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at Module._load (node:internal/modules/cjs/loader:1037:27) {
  code: 'MODULE_NOT_FOUND',
  requireStack: []
}

Node.js v22.11.0`;
const GO =
  "panic: open /data/db: permission denied\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x65\nexit status 2";
const JAVA = `Exception in thread "main" java.lang.IllegalStateException: no database
\tat com.example.Main.main(Main.java:5)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect(Net.java:579)
\t... 12 more`;
const PHP = `PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/index.php:3
Stack trace:
#0 /var/www/index.php(3): PDO->__construct()
#1 {main}
  thrown in /var/www/index.php on line 3`;
const PYTHON = `Traceback (most recent call last):
  File "/app/x.py", line 1, in <module>
    import wiki
ModuleNotFoundError: No module named 'wiki'`;
const RUST =
  "thread 'main' panicked at src/main.rs:2:5:\nDOMAIN is not set\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";
const RUBY = "/app/a.rb:3:in `connect': could not connect (RuntimeError)\n\tfrom /app/a.rb:9:in `<main>'";
const POSTGRES = `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html`;
const FATAL = "LOG:  starting\nFATAL:  could not write lock file\nLOG:  database system is shut down";
const MARIADB = "0 [ERROR] Could not open mysql.plugin table\n0 [ERROR] Aborting\n";

test.each([
  ["Node.js", NODE, "Error: Cannot find module '/app/server.js'"],
  ["Go", GO, "panic: open /data/db: permission denied"],
  ["Java", JAVA, "Caused by: java.net.ConnectException: Connection refused"],
  ["PHP", PHP, expect.stringMatching(/^PHP Fatal error: {2}Uncaught PDOException: .* Connection refused in/)],
  ["Python", PYTHON, "ModuleNotFoundError: No module named 'wiki'"],
  ["Rust", RUST, "DOMAIN is not set"],
  ["Ruby", RUBY, "/app/a.rb:3:in `connect': could not connect (RuntimeError)"],
  ["the image of PostgreSQL", POSTGRES, "Error: Database is uninitialized and superuser password is not specified."],
  ["PostgreSQL", FATAL, "FATAL:  could not write lock file"],
  ["MariaDB", MARIADB, "0 [ERROR] Could not open mysql.plugin table"],
  ["a script", "error: an old one\nlistening\ncannot migrate", "cannot migrate"],
  ["a program that sets its lines in", "  * starting\n  * cannot bind\n  ---", "* cannot bind"],
  ["a program that has nothing but frames", "    at x (y:1)", "at x (y:1)"],
  ["nobody", "---\n", undefined],
])("the reason that %s gives is told", (_, output, said) => {
  expect(lastWords(output)).toEqual(said);
});

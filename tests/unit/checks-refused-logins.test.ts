import { expect, test } from "vitest";
import { refusalsIn } from "../../checks/volumes/refused-logins.ts";

const AT = "2026-01-01T00:00:00.000000000Z";
const says = (line: string, names = true) => refusalsIn(`${AT} ${line}`, names).map((one) => one.says);

test.each([
  [
    `2026-01-01 UTC [7] FATAL:  password authentication failed for user "wiki"`,
    `password authentication failed for user "wiki"`,
  ],
  [
    `7 [Warning] Access denied for user 'wiki'@'10.0.1.4' (using password: YES)`,
    `Access denied for user 'wiki' (using password: YES)`,
  ],
  [
    `7 [Warning] Access denied for user 'wiki'@'10.0.1.4' to database 'shop'`,
    `Access denied for user 'wiki' to database 'shop'`,
  ],
])("a server says whom it refuses: %s", (line, said) => {
  expect(says(line, false)).toEqual([said]);
});

test.each([
  "7 [Warning] Access denied for user 'root'@'localhost' (using password: NO)",
  "7 [Warning] Access denied for user 'root'@'localhost' (using password: YES)",
  "7 [Warning] Access denied for user 'wiki'@'10.0.1.4' (using password: NO)",
  "LOG:  database system is ready to accept connections",
])("who asks as health checks do is not meant: %s", (line) => {
  expect(says(line)).toEqual([]);
});

test("a name that is not there is what pg_isready asks for as well, so it counts only beside what was before", () => {
  const line = `FATAL:  database "wiki2" does not exist`;
  expect(says(line, false)).toEqual([]);
  expect(says(line)).toEqual([`database "wiki2" does not exist`]);
});

import { describe, expect, test } from "vitest";
import { errorOnPage } from "../../checks/http/error-page.ts";
import { mismatch } from "../../checks/http/expected-answer.ts";

const html = (body: string) => ({ body, contentType: "text/html; charset=utf-8" });
const text = (body: string) => ({ body, contentType: "text/plain" });

describe("an answer with status 200 is none where its text says", () => {
  test.each([
    [
      "that there is no database",
      html("<html><title>Database Error</title><body><h1>Error establishing a database connection</h1></body></html>"),
      "the page says: Database Error",
    ],
    [
      "the same in a line",
      text("Could not connect to the database: connection refused\n"),
      "the page says: Could not connect to the database: connection refused",
    ],
    [
      "the same as a driver does",
      html("SQLSTATE[HY000] [2002] Connection refused"),
      "the page says: SQLSTATE[HY000] [2002] Connection refused",
    ],
    [
      "that PHP gave up",
      html(
        '<br />\n<b>Fatal error</b>:  Uncaught Error: Class "Redis" not found in <b>/var/www/html/a.php</b> on line <b>3</b><br />',
      ),
      'a PHP program has ended: Uncaught Error: Class "Redis" not found',
    ],
    [
      "that nobody runs it",
      { body: "<?php\nrequire 'x.php';\n", contentType: "application/octet-stream" },
      "what comes is the source of a PHP program, which nothing runs",
    ],
    [
      "that a server has nothing behind it",
      html("<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body>"),
      "the page says: 502 Bad Gateway",
    ],
    [
      "that a framework could not make it",
      html("<h2>Application error: a server-side exception has occurred (see the server logs).</h2>"),
      "the page says: Application error: a server-side exception has occurred (see the server logs).",
    ],
    [
      "the reason of an error, for programs",
      { body: '{"statusCode":500,"message":"connect ECONNREFUSED 10.0.1.2:5432"}', contentType: "application/json" },
      "the answer says: connect ECONNREFUSED 10.0.1.2:5432",
    ],
    [
      "what lies in the folder of the program",
      html(
        '<html><head><title>Index of /</title></head><body><h1>Index of /</h1><pre><a href="index.php">index.php</a></pre>',
      ),
      "what comes is a list of the folder in which index.php lies, which nothing runs",
    ],
  ])("%s", (_, answer, said) => {
    expect(errorOnPage(answer)).toBe(said);
    expect(mismatch({ ...answer, status: 200, headers: {}, durationMs: 1 }, {})).toBe(`status 200, and ${said}`);
  });

  test("but not where a definition says which answer is the right one", () => {
    const answer = { ...text("database error"), status: 200, headers: {}, durationMs: 1 };
    expect(mismatch(answer, { body: "database error" })).toBeUndefined();
    expect(mismatch(answer, { accept: [200] })).toBeUndefined();
  });
});

test.each([
  [
    "an article about such errors",
    html("<title>Wiki</title><h1>How to mend “Error establishing a database connection”</h1>"),
  ],
  ["a list of errors to choose from", html("<title>Help</title><p>Error establishing a database connection</p>")],
  ["a server of files", html('<title>Index of /</title><a href="a.iso">a.iso</a> <a href="docs/">docs/</a>')],
  ["nginx's first page", html("<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>")],
  ["an article about one of them", html("<title>How to mend a 502 Bad Gateway</title>")],
  ["a greeting for programs", { body: '{"message":"Welcome","error":null}', contentType: "application/json" }],
  ["what is no JSON, whatever it says of itself", { body: "ok", contentType: "application/json" }],
  ["a list", { body: "[]", contentType: "application/json" }],
  ["a status", { body: '{"database":"ok"}', contentType: "application/json" }],
  ["nothing", html("")],
])("%s is a page", (_, answer) => {
  expect(errorOnPage(answer)).toBeUndefined();
});

import { expect, test } from "vitest";
import { alwaysPasses, healthTestMistake } from "../../lib/swarm/health-test.ts";

test.each<[string[], RegExp]>([
  [["wget", "-qO", "/dev/null", "http://127.0.0.1/"], /^begins with "wget", and the engine knows NONE, CMD, CMD-SHELL/],
  [["CMD-SHELL", "curl", "-f", "http://127.0.0.1/"], /^gives CMD-SHELL several words, of which the shell runs "curl"/],
  [["CMD", "curl", "-f", "http://127.0.0.1/", "||", "exit", "1"], /^gives CMD the word "\|\|", .* argument of curl/],
  [["CMD", "curl", "http://127.0.0.1/", ">/dev/null", "2>&1"], /^gives CMD the word ">\/dev\/null"/],
  [["CMD", "curl -f http://127.0.0.1/"], /^gives CMD one text/],
  [["CMD", "redis-cli", "-a", "$REDIS_PASSWORD", "ping"], /^gives CMD the word "\$REDIS_PASSWORD", .* of redis-cli/],
  [["CMD", "wget", "-qO-", "http://$(hostname)/"], /^gives CMD the word "http:\/\/\$\(hostname\)\/"/],
  [["CMD", "curl", "-f", "http://localhost:$PORT/"], /^gives CMD the word "http:\/\/localhost:\$PORT\/"/],
])("a test that asks nothing is told: %j", (words, says) => {
  expect(healthTestMistake(words)?.says).toMatch(says);
});

test.each<[string[] | undefined]>([
  [undefined],
  [["NONE"]],
  [["CMD", "true"]],
  [["CMD", "pg_isready", "-U", "wiki"]],
  [["CMD", "bash", "-c", "$CHECK"]],
  [["CMD", "php", "-r", "$A=1;"]],
  [["CMD", "mongosh", "--eval", "$DB"]],
  [["CMD", "/opt/my app/health"]],
  [["CMD", "wget", "-qO-", "http://127.0.0.1/?price=$5&a=b"]],
  [["CMD", "sh", "-c", "curl -f http://127.0.0.1/ || exit 1"]],
  [["CMD-SHELL", "curl -f http://127.0.0.1/ | grep -q ok || exit 1"]],
])("a test that asks what it says is not: %j", (words) => {
  expect(healthTestMistake(words)).toBeUndefined();
});

test.each<[string[] | undefined, boolean]>([
  [["CMD-SHELL", "curl -f http://127.0.0.1/ || true"], true],
  [["CMD-SHELL", "curl -f http://127.0.0.1/ || exit 0"], true],
  [["CMD-SHELL", "curl -f http://127.0.0.1/; exit 0"], true],
  [["CMD-SHELL", "exit 0"], true],
  [["CMD-SHELL", "curl -f http://127.0.0.1/ || exit 1"], false],
  [["CMD-SHELL", "test -e /ready && true"], false],
  [["CMD-SHELL", "test -e /ready || exit 1; rm /tmp/a || true"], false],
  [["CMD-SHELL", "set -e; test -e /ready; true"], false],
  [["CMD-SHELL", "curl -f http://127.0.0.1/ || echo down"], true],
  [["CMD-SHELL", "curl -f http://127.0.0.1/ || { echo down; exit 1; }"], false],
  [["CMD-SHELL", "curl -f http://127.0.0.1/ || exit; true"], false],
  [["CMD-SHELL", "until curl -f http://127.0.0.1/; do sleep 1; done; true"], false],
  [["CMD", "true"], true],
  [["CMD", "/bin/true"], true],
  [["CMD", "sh", "-c", "pg_isready || true"], true],
  [["CMD", "sh", "-c", "pg_isready"], false],
  [["CMD", "pg_isready"], false],
  [undefined, false],
])("whether %j passes whatever becomes of the app: %s", (words, passes) => {
  expect(alwaysPasses(words)).toBe(passes);
});

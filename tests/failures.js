/**
 * How many failures vitest's own report tells: each test's, and each of a file that failed by itself, as it can't be
 * loaded or what goes before or after its tests throws.
 *
 * @param {{ testResults: { status: string, message: string, assertionResults: { status: string }[] }[] }} report
 */
export function failuresOf({ testResults }) {
  return testResults.reduce((total, { status, message, assertionResults }) => {
    const tests = assertionResults.filter((one) => one.status === "failed").length;
    const byItself = status === "failed" && (tests === 0 || message !== "");
    return total + tests + (byItself ? 1 : 0);
  }, 0);
}

/**
 * The tests that passed at their second try, one line each with the first line of what went wrong at the first.
 *
 * @param {{ testResults: { assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }[] }} report
 */
export function secondTriesOf({ testResults }) {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, failureMessages }) => status === "passed" && failureMessages.length > 0)
    .map(({ fullName, failureMessages }) => `at its second try: ${fullName}: ${firstLine(failureMessages)}`);
}

/** @param {string[]} messages */
const firstLine = (messages) => messages.join("\n").replace(/\n.*/s, "");

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

// Adds up vitest's JSON reports, names each test that did not pass, and prints the line
// `N passed, N failed, N skipped`. Fails when a test failed or was skipped, or a report is missing or empty:
// what CI can run, it must have run.

/** Lines of a failed test's first message, which end up at the end of a long log. */
const MAX_MESSAGE_LINES = 12;

interface Outcome {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly Outcome[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
  readonly testResults: readonly FileReport[];
}

const excerpt = (message = ''): string =>
  message
    .split('\n', MAX_MESSAGE_LINES)
    .map((line) => `    ${line}`)
    .join('\n');

function nameWhatDidNotPass({ testResults, success }: Report): void {
  let named = 0;
  for (const file of testResults) {
    const path = relative(process.cwd(), file.name);
    const rest = file.assertionResults.filter(({ status }) => status !== 'passed');
    for (const { status, fullName, failureMessages } of rest) {
      console.log(`${status}: ${path} > ${fullName}\n${excerpt(failureMessages?.[0])}`);
    }
    if (file.status === 'failed' && rest.length === 0)
      console.log(`failed: ${path}\n${excerpt(file.message)}`);
    named += file.status === 'failed' ? 1 : rest.length;
  }
  if (!success && named === 0)
    console.log('failed: an error outside of every test; the step above prints it');
}

const EMPTY = { passed: 0, failed: 0, skipped: 0, isWhole: true };

function read(path: string): typeof EMPTY {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
    nameWhatDidNotPass(report);
    // a file that failed to load has no failed test
    const brokenFiles = report.success || report.numFailedTests > 0 ? 0 : 1;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenFiles,
      skipped: report.numPendingTests + report.numTodoTests,
      isWhole: report.numPassedTests > 0,
    };
  } catch (error) {
    console.log(`no report at ${path}: ${error instanceof Error ? error.message : String(error)}`);
    return { ...EMPTY, failed: 1, isWhole: false };
  }
}

const total = process.argv
  .slice(2)
  .map(read)
  .reduce(
    (sum, each) => ({
      passed: sum.passed + each.passed,
      failed: sum.failed + each.failed,
      skipped: sum.skipped + each.skipped,
      isWhole: sum.isWhole && each.isWhole,
    }),
    EMPTY,
  );
process.exitCode = total.failed === 0 && total.skipped === 0 && total.isWhole ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

import { readFileSync } from 'node:fs';

// Adds up vitest's JSON reports and prints `N passed, N failed, N skipped`. Fails when a test failed or was
// skipped, or a report is missing or empty: what CI can run, it must have run.

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

const EMPTY = { passed: 0, failed: 0, skipped: 0, isWhole: true };

function read(path: string): typeof EMPTY {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
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

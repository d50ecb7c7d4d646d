import { readFileSync } from 'node:fs';

/**
 * Loaded before the program under test, by NODE_OPTIONS, in each of its threads: its wall clock is off by as
 * many milliseconds as the file named by FUIN_CLOCK_FILE holds right now. Its monotonic clock is left alone,
 * as when a real clock is set. What does not ask JavaScript for the time, such as OpenSSL, sees no step.
 */
const file = process.env['FUIN_CLOCK_FILE'] ?? '';
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: [] | ConstructorParameters<DateConstructor>) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(...given);
  }

  static override now(): number {
    return RealDate.now() + Number(readFileSync(file, 'utf8'));
  }
}

Object.assign(globalThis, { Date: ShiftedDate });

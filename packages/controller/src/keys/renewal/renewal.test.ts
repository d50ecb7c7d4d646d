import { describe, expect, it } from 'vitest';
import { nextRenewal } from './renewal.ts';

const now = new Date('2026-06-15T12:00:00Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);

describe('nextRenewal', () => {
  it.each([
    ['there is no key: at once', { newest: undefined, periodMs: 0 }, now],
    ['no period: never', { newest: daysAgo(400), periodMs: 0 }, undefined],
    [
      'the newest key is younger than the period: when it is as old',
      { newest: daysAgo(10), periodMs: 30 * DAY_MS },
      daysAgo(-20),
    ],
    [
      'the newest key is older than the period: at once',
      { newest: daysAgo(31), periodMs: 30 * DAY_MS },
      daysAgo(1),
    ],
    [
      'a newer key is asked for: at once, once the certificate would begin later',
      { newest: daysAgo(10), periodMs: 0, isReplacementAsked: true },
      new Date(daysAgo(10).getTime() + 1000),
    ],
    [
      'the newest key is older than the cut-off: at once',
      { newest: daysAgo(10), periodMs: 0, cutoff: daysAgo(5) },
      daysAgo(5),
    ],
    [
      'the newest key is younger than the cut-off: as ever',
      { newest: daysAgo(4), periodMs: 0, cutoff: daysAgo(5) },
      undefined,
    ],
    [
      'a cut-off in the future is waited for, not run after',
      { newest: daysAgo(1), periodMs: 0, cutoff: daysAgo(-3) },
      daysAgo(-3),
    ],
    [
      'a cut-off does not delay the period',
      { newest: daysAgo(29), periodMs: 30 * DAY_MS, cutoff: daysAgo(-3) },
      daysAgo(-1),
    ],
  ])('%s', (_name, state, expected) => {
    expect(nextRenewal({ cutoff: undefined, isReplacementAsked: false, now, ...state })).toEqual(expected);
  });
});

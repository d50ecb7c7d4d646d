import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['720h0m0s', 2_592_000_000],
    ['1.5h', 5_400_000],
    ['-2m', -120_000],
    ['+1s', 1000],
    ['0', 0],
    ['1h30m10.5s', 5_410_500],
    ['250ms', 250],
    ['1us', 0.001],
    ['.5s', 500],
    ['1.s', 1000],
  ])('reads %s like Go', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });
  it.each(['', '5', '1d', 's', '1h5', '-', '1 s', '1e3s', '.s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [2_592_000_000, '720h0m0s'],
    [90_000, '1m30s'],
    [1500, '1.5s'],
    [250, '250ms'],
    [0, '0s'],
    [-120_000, '-2m0s'],
    [0.001, '1µs'],
    [0.000_001, '1ns'],
  ])('prints %d ms like Go', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseDuration(text)).toBe(milliseconds);
  });
});

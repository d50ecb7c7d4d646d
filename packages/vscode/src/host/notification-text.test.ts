import { describe, expect, it } from 'vitest';
import { notificationText } from './notification-text.ts';

describe('notificationText', () => {
  it('says who speaks', () => {
    expect(notificationText('a [b] (c)')).toBe('Kubeseal: a [b] (c)');
  });
  it('makes no link of what strangers name', () => {
    expect(notificationText('[a](command:b) [c](d)')).toBe('Kubeseal: [a] (command:b) [c] (d)');
  });
});

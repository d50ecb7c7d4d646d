import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../packages/controller/src/log.ts';
import { logCalls } from './log-calls.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/logs.md'), 'utf8');
/** `| LEVEL | message | fields | meaning |` */
const ROW = /^\| (DEBUG|INFO|WARN|ERROR) \| `([^`]+)` \| (.*?) ?\| .+ \|$/gm;
const rows = [...page.matchAll(ROW)].map(([, level = '', message = '', fields = '']) => ({
  level,
  message,
  fields: [...fields.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).sort(),
}));
const calls = logCalls();
const inOrder = (lines: readonly { level: string; message: string; fields: readonly string[] }[]) =>
  [...new Set(lines.map(({ level, message, fields }) => `${level} ${message}: ${fields.join(' ')}`))].sort();

describe('docs/logs.md', () => {
  it('has a row for every log call of the controller, with its level and fields, and no other', () => {
    const written = calls.map(({ level, message = '', fields }) => ({ level, message, fields }));
    expect(rows.length).toBeGreaterThan(20);
    expect(inOrder(rows)).toEqual(inOrder(written.filter(({ message }) => message !== '')));
  });
  it('misses no call because its message is not constant', () => {
    const variable = calls.filter(({ message }) => message === undefined);
    // the one place that the lease's warnings go through
    expect(variable.map(({ file }) => file)).toEqual(['kube/src/leader-election/leader-election.ts']);
  });
  it.each(['text', 'json'] as const)('shows a line as it is printed: %s', (format) => {
    const lines: string[] = [];
    const [stdout, now] = [(line: string) => lines.push(line), () => new Date('2026-01-02T03:04:05.678Z')];
    const log = createLogger({ minimumLevel: 0, format, isInfoOnStdout: true, stdout, stderr: stdout, now });
    log.info('sealed secret unsealed', { namespace: 'shop', name: 'db', result: 'created' });
    expect(page).toContain(`\n${lines.join('')}`);
  });
  it('has one row for each message and level', () => {
    expect(new Set(rows.map(({ level, message }) => `${level} ${message}`)).size).toBe(rows.length);
  });
  it('explains every field', () => {
    const explained = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| /gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(rows.flatMap(({ fields }) => fields).filter((name) => !explained.includes(name))).toEqual([]);
  });
});

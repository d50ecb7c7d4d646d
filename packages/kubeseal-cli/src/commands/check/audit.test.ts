import { describe, expect, it } from 'vitest';
import { EVENTS, logOf } from '../../../../audit/src/testing/logs.ts';
import { runCli } from '../../testing/run-cli.ts';

const { text, lines, head } = logOf();
const verify = (files: Readonly<Record<string, string>>, ...argv: string[]) =>
  runCli({ argv: ['audit', 'verify', ...argv], files });
const hashOf = (line = '') => String(JSON.parse(line).hash);

describe('kubeseal audit verify', () => {
  it('accepts a whole log, and tells its chain and its last hash', async () => {
    const { code, stdout, stderr } = await verify({ 'audit.jsonl': text }, 'audit.jsonl');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe(
      `note: 4 lines, 1 start, 0 of them without a stop before\n` +
        `note: chain ${head.chain}: lines 1 to 4, 2026-01-02T03:04:05.000Z to 2026-01-02T03:04:08.000Z, head ${head.hash}\n` +
        `note: without --head, nobody notices lines that were cut off at the end\n`,
    );
  });
  it('reads files in their order, and - as stdin', async () => {
    const files = { old: lines.slice(0, 2).join('') };
    const stdin = lines.slice(2).join('');
    const argv = ['audit', 'verify', '--quiet', '--head', head.hash, 'old', '-'];
    expect(await runCli({ argv, files, stdin })).toMatchObject({ code: 0, stderr: '' });
  });
  it('names file and line of a break, and ends with exit code 3', async () => {
    const changed = text.replace('SHA256:abc', 'SHA256:abd');
    const { code, stderr } = await verify({ 'audit.jsonl': changed }, 'audit.jsonl');
    expect(code).toBe(3);
    expect(stderr).toContain('error: audit.jsonl:2: it is not as it was written\n');
  });
  it('proves by an anchor that nothing was cut off', async () => {
    const cut = { 'audit.jsonl': lines.slice(0, 3).join('') };
    expect((await verify(cut, '--head', hashOf(lines[2]), 'audit.jsonl')).code).toBe(0);
    const { code, stderr } = await verify(cut, '--head', head.hash, 'audit.jsonl');
    expect(code).toBe(3);
    expect(stderr).toContain(`error: audit.jsonl:3: no line has the hash ${head.hash}: lines were cut off`);
  });
  it('insists on the beginning, unless --after says what stood before', async () => {
    const files = { 'audit.jsonl': lines.slice(1).join('') };
    const { code, stderr } = await verify(files, 'audit.jsonl');
    expect(code).toBe(3);
    expect(stderr).toContain('error: audit.jsonl:1: it has number 2, and lines before it are missing');
    expect((await verify(files, '--after', hashOf(lines[0]), 'audit.jsonl')).code).toBe(0);
  });
  it('tells about restarts, and events that were lost', async () => {
    const [started] = EVENTS;
    const log = logOf([
      ...EVENTS.slice(0, 3),
      ...(started ? [started] : []),
      { kind: 'audit.lost', count: 7 },
    ]);
    const { code, stderr } = await verify({ log: log.text }, 'log');
    expect(code).toBe(0);
    expect(stderr).toContain('note: 5 lines, 2 starts, 1 of them without a stop before\n');
    expect(stderr).toContain('note: 7 events lost while the log could not be written');
  });
  it('prints JSON for programs', async () => {
    const { code, stdout } = await verify({ log: text.replace('"seq":3', '"seq":4') }, '--json', 'log');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      lines: 4,
      starts: 1,
      chains: [{ chain: head.chain, first: 1, last: 4, head: head.hash }],
      findings: [{ file: 'log', line: 3, problem: 'changed', message: 'it is not as it was written' }],
      findingCount: 1,
    });
  });
  it.each([
    [['--head', 'abc', 'log'], 2, 'error: audit verify: --head is no hash: "abc"\n'],
    [['--after', 'x', 'log'], 2, 'error: audit verify: --after is no hash: "x"\n'],
    [['missing'], 1, 'error: open missing: no such file or directory\n'],
    [[], 2, 'error: audit verify: '],
  ])('refuses %j', async (argv, code, message) => {
    const result = await verify({ log: text }, ...argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });
});

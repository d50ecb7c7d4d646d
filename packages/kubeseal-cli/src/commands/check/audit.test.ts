import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { newChain, nextLine } from '../../../../audit/src/chain.ts';
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

/** Lines of one measurement. A line that was kept would take more than {@link LEAST_BYTES}. */
const LINES = 30_000;
const LEAST_BYTES = 50;
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that are in use, without garbage. */
function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A chain, line by line. */
function chain(): () => string {
  let from = newChain();
  return () => {
    const next = nextLine(from, new Date(0), EVENTS[1] ?? expect.fail());
    from = next.head;
    return next.text;
  };
}

describe('the memory of kubeseal audit verify', () => {
  it.each<[string, () => () => string]>([
    ['a whole chain', chain],
    ['a chain of one line each', () => () => chain()()],
    [
      'lines of which half are missing',
      () => {
        const next = chain();
        return () => {
          next();
          return next();
        };
      },
    ],
    ['lines that are changed', () => () => chain()().replace('"v":1', '"v":2')],
    ['lines that are none', () => () => 'no line of an audit log at all\n'],
    ['one line without an end', () => () => 'x'.repeat(500)],
  ])('is the same after twice as many lines: %s', async (_, lines) => {
    const used: number[] = [];
    const lineOf = lines();
    async function* chunks() {
      for (let at = 0; at < 3 * LINES; at += 1) {
        if (at > 0 && at % LINES === 0) used.push(bytesInUse());
        yield Buffer.from(lineOf());
      }
      used.push(bytesInUse());
    }
    await runCli({ argv: ['audit', 'verify', '--quiet', '-'], chunks });
    const [once = 0, twice = 0, thrice = 0] = used;
    expect(used).toHaveLength(3);
    // a line that is kept shows in both halves; what is compiled, in one
    expect(Math.min(twice - once, thrice - twice)).toBeLessThan(LINES * LEAST_BYTES);
  });
});

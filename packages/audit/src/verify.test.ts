import { describe, expect, it } from 'vitest';
import { type Head, NO_HASH, newChain } from './chain.ts';
import { readTail, tornOf } from './tail.ts';
import { EVENTS, logOf, verified } from './testing/logs.ts';

const problems = ({ findings }: Awaited<ReturnType<typeof verified>>) =>
  findings.map(({ file, line, problem }) => `${file}:${line} ${problem}`);
const [started] = EVENTS;
if (!started) throw new Error('the first event is a start');

describe('Verifier', () => {
  it('finds nothing in a log as it was written, and tells where it ends', async () => {
    const { text, head } = logOf();
    const report = await verified([text], { heads: [head.hash] });
    expect(report).toMatchObject({ lines: 4, findingCount: 0, starts: 1, crashes: 0, chainCount: 1 });
    expect(report.chains).toMatchObject([{ chain: head.chain, first: 1, last: 4, head: head.hash }]);
  });
  it('finds every single byte that is changed, at its line', async () => {
    const { text, head, lines } = logOf();
    const bytes = Buffer.from(text, 'latin1');
    let checked = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const line = lines.findIndex((_line, index) => at < lines.slice(0, index + 1).join('').length) + 1;
      const { findings, findingCount } = await verified([changed], { heads: [head.hash] });
      expect(findingCount, `byte ${at}`).toBeGreaterThan(0);
      expect(findings[0]?.line, `byte ${at}`).toBe(line);
      checked += 1;
    }
    expect(checked).toBe(text.length);
  });
  it('finds every line that is removed, written twice or swapped', async () => {
    const { lines, head } = logOf([...EVENTS.slice(0, 3), ...EVENTS.slice(1)]);
    for (const at of lines.keys()) {
      const removed = lines.toSpliced(at, 1).join('');
      expect((await verified([removed], { heads: [head.hash] })).findingCount, `${at}`).toBeGreaterThan(0);
      const twice = lines.toSpliced(at, 0, lines[at] ?? '').join('');
      expect((await verified([twice])).findingCount, `${at}`).toBeGreaterThan(0);
      if (at === 0) continue;
      const swapped = lines.toSpliced(at - 1, 2, lines[at] ?? '', lines[at - 1] ?? '').join('');
      expect((await verified([swapped])).findingCount, `${at}`).toBeGreaterThan(0);
    }
  });
  it('finds a chain that was written anew behind a change, by the anchor of an earlier line', async () => {
    const [honest, forged] = [logOf(), logOf([started, ...EVENTS.slice(2)])];
    const anchors = { heads: honest.lines.map((line) => JSON.parse(line).hash).slice(0, 2) };
    expect((await verified([forged.text])).findingCount).toBe(0); // what a chain alone cannot prove
    expect(problems(await verified([forged.text], anchors))).toEqual([
      'file-1:3 head-missing',
      'file-1:3 head-missing',
    ]);
  });
  it('finds a line that was written anew with a hash that fits it, by the line behind it', async () => {
    const honest = logOf();
    const chain = { ...honest.head, seq: 0, hash: NO_HASH };
    const forged = logOf([{ ...started, identity: 'pod-b' }], chain);
    const report = await verified([forged.text + honest.lines.slice(1).join('')]);
    expect(report.findings).toMatchObject([
      { file: 'file-1', line: 2, problem: 'changed', message: 'it does not follow the line before it' },
    ]);
  });
  it.each<[string, Partial<Head>]>([
    ['has another number', { seq: 1 }],
    ['follows another line', { hash: 'f'.repeat(64) }],
  ])('takes no line for the first of a chain that %s', async (_what, from) => {
    const { text } = logOf([started], { ...newChain(), ...from });
    expect(problems(await verified([text]))).toEqual(['file-1:1 beginning-missing']);
    expect(problems(await verified([logOf().text, text]))).toEqual(['file-2:1 beginning-missing']);
  });
  it('lets a line that cannot be read stand for one line, and not for more that are missing', async () => {
    const { lines } = logOf();
    expect(problems(await verified([lines.with(1, 'x\n').join('')]))).toEqual(['file-1:2 changed']);
    expect(problems(await verified([lines.toSpliced(1, 2, 'x\n').join('')]))).toEqual([
      'file-1:2 changed',
      'file-1:3 missing',
    ]);
  });
  it('needs an anchor to find that the end was cut off', async () => {
    const { lines, head } = logOf();
    const cut = lines.slice(0, -1).join('');
    expect((await verified([cut])).findingCount).toBe(0);
    expect(problems(await verified([cut], { heads: [head.hash] }))).toEqual(['file-1:3 head-missing']);
  });
  it('says how many lines are missing', async () => {
    const { lines } = logOf();
    const { findings } = await verified([lines.toSpliced(1, 2).join('')]);
    expect(findings).toMatchObject([
      { line: 2, problem: 'missing', message: '2 lines are missing before it' },
    ]);
  });
  it('follows a chain through files in their order, and refuses a beginning that is missing', async () => {
    const { lines } = logOf();
    const [first, second] = [lines.slice(0, 2).join(''), lines.slice(2).join('')];
    expect((await verified([first, second])).findingCount).toBe(0);
    expect(problems(await verified([second, first]))).toEqual([
      'file-1:1 beginning-missing',
      'file-2:1 out-of-order',
    ]);
    expect(problems(await verified([second]))).toEqual(['file-1:1 beginning-missing']);
    expect((await verified([second], { after: JSON.parse(lines[1] ?? '').hash })).findingCount).toBe(0);
    expect(problems(await verified([second], { after: 'f'.repeat(64) }))).toEqual([
      'file-1:1 beginning-missing',
    ]);
  });
  it('finds nothing good in a log without a line', async () => {
    expect(problems(await verified(['']))).toEqual([':0 beginning-missing']);
  });
  it('accepts a new chain behind one that ended in order or at an anchor, and no other', async () => {
    const [whole, killed, next] = [logOf(), logOf(EVENTS.slice(0, 3)), logOf()];
    expect((await verified([whole.text, next.text])).findingCount).toBe(0);
    expect(problems(await verified([killed.text, next.text]))).toEqual(['file-2:1 end-unproven']);
    const anchors = { heads: [killed.head.hash] };
    expect((await verified([killed.text, next.text], anchors)).findingCount).toBe(0);
  });
  it('keeps a bounded list of findings, and counts all', async () => {
    const { lines } = logOf([started, ...Array.from({ length: 600 }, () => started)]);
    const report = await verified([lines.filter((_line, at) => at % 3 === 0).join('')]);
    expect(report.findingCount).toBe(200);
    expect(report.findings.length).toBe(100);
  });
  it('keeps a bounded list of chains, and counts all', async () => {
    const { chains, chainCount } = await verified(Array.from({ length: 150 }, () => logOf([started]).text));
    expect([chains.length, chainCount]).toEqual([100, 150]);
  });
});

describe('a line that a crash tore', () => {
  const { text, lines, head } = logOf(EVENTS.slice(0, 3));
  const torn = (lines[2] ?? '').slice(0, 40);
  const before = lines.slice(0, 2).join('');

  it('is found at the end of a log', async () => {
    expect(problems(await verified([before + torn]))).toEqual(['file-1:3 end-torn']);
  });
  it('is explained by the next process, which goes on from the last whole line', async () => {
    const tail = readTail(Buffer.from(before + torn));
    expect(tail).toEqual({
      head: readTail(Buffer.from(before)).head,
      torn: tornOf(torn),
      lacksLineEnd: true,
    });
    const next = logOf([{ ...started, torn: tail.torn }], tail.head ?? newChain());
    const report = await verified([`${before}${torn}\n${next.text}`]);
    expect(report).toMatchObject({ findingCount: 0, torn: 1, starts: 2, crashes: 1 });
  });
  it('is explained as it was: no byte of it can be changed later', async () => {
    const tail = readTail(Buffer.from(before + torn));
    const next = logOf([{ ...started, torn: tail.torn }], tail.head ?? newChain());
    const changed = torn.replace('"v":1', '"v":2');
    expect(problems(await verified([`${before}${changed}\n${next.text}`]))).toEqual(['file-1:3 changed']);
    const { bytes, sha256 } = tail.torn ?? expect.fail();
    const other = logOf([{ ...started, torn: { bytes: bytes + 1, sha256 } }], tail.head ?? newChain());
    expect(problems(await verified([`${before}${torn}\n${other.text}`]))).toEqual(['file-1:3 changed']);
  });
  it('may be torn again, by a crash while it was explained', async () => {
    const twice = `${before}${torn}\n{"v":1,"cha`;
    const tail = readTail(Buffer.from(twice));
    const next = logOf([{ ...started, torn: tail.torn }], tail.head ?? newChain());
    expect(await verified([`${twice}\n${next.text}`])).toMatchObject({ findingCount: 0, torn: 2 });
  });
  it('counts as whole where only its line end is missing', async () => {
    const tail = readTail(Buffer.from(text.slice(0, -1)));
    expect(tail).toEqual({ head, torn: undefined, lacksLineEnd: true });
  });
  it('is accepted at the end of a file that was rotated then, if the next file has the whole line', async () => {
    expect(await verified([before + torn, lines[2] ?? ''])).toMatchObject({ findingCount: 0, torn: 1 });
    expect((await verified([before + torn, logOf().text])).findingCount).toBeGreaterThan(0);
    // in the middle of a file, nothing but a line of the next process explains it
    expect(problems(await verified([`${before}${torn}\n${lines[2]}`]))).toEqual(['file-1:3 changed']);
  });
  it('leads to a new chain where no line can be read near the end', () => {
    expect(readTail(Buffer.alloc(1000, 'x'))).toEqual({
      head: undefined,
      torn: undefined,
      lacksLineEnd: true,
    });
    expect(readTail(Buffer.alloc(0))).toEqual({ head: undefined, torn: undefined, lacksLineEnd: false });
  });
});

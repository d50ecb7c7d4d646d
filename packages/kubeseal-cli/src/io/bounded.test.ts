import { describe, expect, it } from 'vitest';
import { bounded, readSlowStream, readStream } from './bounded.ts';

const VALUE = 'hunter2-abcdef\n---\nsecond document\n';
const MIB = 1024 * 1024;
const TOO_MUCH = { code: 'ERR_USAGE', message: 'f has no end within 64 MiB' };

const error = (code: string) => Object.assign(new Error(code), { code });
/** Hands out `pieces`, then fails or ends. */
const source = (pieces: readonly string[], failure?: Error) => {
  const left = [...pieces];
  return (into: Uint8Array) => {
    const piece = left.shift();
    if (piece === undefined && failure) throw failure;
    return into.set(Buffer.from(piece ?? '')) ?? Buffer.byteLength(piece ?? '');
  };
};
/** Hands out this many bytes, as many as fit each time. */
const zeros = (count: number, failure?: Error) => {
  let left = count;
  return (into: Uint8Array) => {
    if (left === 0 && failure) throw failure;
    const length = Math.min(left, into.length);
    left -= length;
    return length;
  };
};
async function* endless() {
  for (;;) yield new Uint8Array(MIB);
}

describe('readStream', () => {
  it('treats EOF of Windows as the end, and passes any other failure on', () => {
    expect(Buffer.from(readStream('f', source(['a'], error('EOF')))).toString()).toBe('a');
    expect(() => readStream('f', source(['a'], error('EISDIR')))).toThrow('EISDIR');
  });
  it('takes 64 MiB and not a byte more', () => {
    expect(readStream('f', zeros(64 * MIB))).toHaveLength(64 * MIB);
    expect(() => readStream('f', zeros(64 * MIB + 1))).toThrow(expect.objectContaining(TOO_MUCH));
  });
  it('holds no more than was given where it is given little at a time', () => {
    const { arrayBuffers: before } = process.memoryUsage();
    let most = 0;
    let left = 10_000;
    readStream('f', () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      left -= 1;
      return left > 0 ? 1 : 0;
    });
    expect(most).toBeLessThan(10 * MIB);
  });
});

describe('readSlowStream', () => {
  it.each(Array.from({ length: VALUE.length + 1 }, (_, at) => at))(
    'loses nothing where the writer pauses after %i bytes',
    async (at) => {
      const pieces = [VALUE.slice(0, 3), VALUE.slice(3, at)].filter((piece) => piece !== '' && at >= 3);
      const given = pieces.join('');
      const rest = async function* () {
        yield Buffer.from(VALUE.slice(given.length));
      };
      const read = await readSlowStream('f', source(pieces, error('EAGAIN')), rest);
      expect(Buffer.from(read).toString()).toBe(VALUE);
    },
  );
  it('waits for nothing where there is an end or a failure', async () => {
    const rest = () => expect.fail('not asked');
    expect(Buffer.from(await readSlowStream('f', source(['a']), rest)).toString()).toBe('a');
    await expect(readSlowStream('f', source(['a'], error('EISDIR')), rest)).rejects.toThrow('EISDIR');
  });
  it('counts what came before it had to wait', async () => {
    const pausing = zeros(64 * MIB, error('EAGAIN'));
    const rest = async function* () {
      yield new Uint8Array(1);
    };
    await expect(readSlowStream('f', pausing, rest)).rejects.toMatchObject(TOO_MUCH);
  });
  it('takes no more than it needs of what has no end', async () => {
    await expect(readSlowStream('f', source([], error('EAGAIN')), endless)).rejects.toMatchObject(TOO_MUCH);
  });
});

describe('bounded', () => {
  it('takes as much as is allowed, and not a byte more', async () => {
    const three = async function* () {
      for (const byte of [1, 2, 3]) yield Uint8Array.of(byte);
    };
    expect([...(await bounded(three(), 3))]).toEqual([1, 2, 3]);
    const failure = { code: 'ERR_API_UNAVAILABLE', message: 'the answer is too large' };
    await expect(bounded(three(), 2)).rejects.toMatchObject(failure);
    await expect(bounded(endless(), MIB)).rejects.toMatchObject(failure);
  });
});

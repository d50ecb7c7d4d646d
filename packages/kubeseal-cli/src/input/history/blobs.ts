import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { printable, SealedSecretsError } from '@fuin/crypto-core/errors';
import type { Io } from '../../io/io.ts';
import { HISTORY_ENVIRONMENT, type Repository } from './repository.ts';

/** One file as it was in some commit. */
export interface Blob {
  /** Its id in Git. */
  readonly id: string;
  /** One of the paths that it has had; empty for a blob that a tag names. */
  readonly path: string;
  readonly size: number;
  /** Its content; undefined where that is larger than asked for and holds none of the words. */
  readonly bytes: Uint8Array | undefined;
  /** Whether a large blob holds one of the words. */
  readonly isLargeWithWord: boolean;
}

/** What is read of the blobs: those up to a size, and of larger ones whether they hold a word. */
export interface BlobOptions {
  readonly mostBytes: number;
  /** Words in the encodings in which they may stand. */
  readonly words: readonly Buffer[];
}

type World = Pick<Io, 'env'>;

/** Blobs only, each once with one of its paths, of everything that a ref or a working tree's HEAD reaches. */
const LIST = ['rev-list', '--objects', '--all', '--filter=object:type=blob', '--filter-provided-objects'];
const LINE_END = 0x0a;
/** Of what Git prints when it fails. */
const MOST_SAID = 1000;

/**
 * Every blob that a ref of a repository reaches, one at a time: Git lists them while it sends them, so memory
 * holds one of them.
 *
 * @throws ERR_USAGE with what Git says where it fails
 */
export async function* blobsOf(
  repository: Repository,
  options: BlobOptions,
  world: World,
): AsyncGenerator<Blob> {
  const list = start(repository, LIST, world);
  const content = start(
    repository,
    ['cat-file', '--batch=%(objectname) %(objecttype) %(objectsize) %(rest)'],
    world,
  );
  try {
    list.child.stdin.end();
    list.child.stdout.pipe(content.child.stdin);
    content.child.stdin.on('error', () => undefined); // it ended early, which its exit code says
    yield* readBatch(content.child.stdout, options);
    for (const each of [list, content]) await refuseFailure(each);
  } finally {
    for (const { child } of [list, content]) child.kill();
  }
}

/** The answers of `git cat-file --batch`: a line, as many bytes as it says, and a line end. */
async function* readBatch(stdout: Readable, options: BlobOptions): AsyncGenerator<Blob> {
  const input = new ByteReader(stdout);
  for (;;) {
    const line = await input.line();
    if (line === undefined) return;
    const [, id = '', kind = '', size = '', path = ''] = /^(\S+) (\S+) ?(\d*) ?(.*)$/s.exec(line) ?? [];
    if (kind !== 'blob' || size === '')
      throw new SealedSecretsError('ERR_USAGE', `the repository lacks the object ${id}`, {
        hint: 'git fsck says more',
      });
    yield { id, path, size: Number(size), ...(await contentOf(input, Number(size), options)) };
    await input.skip(1);
  }
}

async function contentOf(
  input: ByteReader,
  size: number,
  { mostBytes, words }: BlobOptions,
): Promise<Pick<Blob, 'bytes' | 'isLargeWithWord'>> {
  if (size <= mostBytes) return { bytes: await input.bytes(size), isLargeWithWord: false };
  const longest = Math.max(...words.map(({ length }) => length));
  let tail: Buffer = Buffer.alloc(0);
  let isLargeWithWord = false;
  for await (const chunk of input.chunks(size)) {
    const text = Buffer.concat([tail, chunk]);
    isLargeWithWord ||= words.some((word) => text.includes(word));
    tail = text.subarray(Math.max(0, text.length - longest + 1));
  }
  return { bytes: undefined, isLargeWithWord };
}

/** Reads lines and counted bytes of a stream, which waits meanwhile. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Without its end; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    const parts: Buffer[] = [];
    while (this.#rest.length > 0 || (await this.#more())) {
      const end = this.#rest.indexOf(LINE_END);
      parts.push(this.#take(end < 0 ? this.#rest.length : end));
      if (end < 0) continue;
      this.#take(1);
      return Buffer.concat(parts).toString('utf8');
    }
    return parts.length > 0 ? Buffer.concat(parts).toString('utf8') : undefined;
  }

  async bytes(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const chunk of this.chunks(count)) parts.push(chunk);
    return Buffer.concat(parts);
  }

  async skip(count: number): Promise<void> {
    for await (const _chunk of this.chunks(count));
  }

  /** The next bytes, as they come. @throws ERR_USAGE where the stream ends before */
  async *chunks(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more()))
        throw new SealedSecretsError('ERR_USAGE', 'git cat-file ended within an object');
      const chunk = this.#take(Math.min(left, this.#rest.length));
      left -= chunk.length;
      yield chunk;
    }
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (!done) this.#rest = value;
    return !done;
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}

/** A process of Git, and what it failed with once it has ended. */
interface Git {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Undefined where it did not fail. It never rejects. */
  readonly failure: Promise<string | undefined>;
}

function start({ directory }: Repository, args: readonly string[], { env }: World): Git {
  const child = spawn('git', args, {
    cwd: directory,
    env: { ...env, ...HISTORY_ENVIRONMENT },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  });
  const failure = new Promise<string | undefined>((resolve) => {
    const lastLine = () => said.trim().split('\n').at(-1) || 'it failed';
    child.once('error', () => resolve('it cannot be started'));
    child.once('close', (code) => resolve(code === 0 ? undefined : lastLine()));
  });
  return { child, failure };
}

/** @throws ERR_USAGE */
async function refuseFailure({ child, failure }: Git): Promise<void> {
  const said = await failure;
  if (said !== undefined)
    throw new SealedSecretsError('ERR_USAGE', `git ${child.spawnargs[1]}: ${printable(said)}`);
}

import { execFile, spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';

/**
 * Seconds since 1970 of every file in an archive (https://reproducible-builds.org/specs/source-date-epoch).
 */
export const EPOCH_S = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0);

/**
 * The same for formats that know no time before 1980, or whose judges believe none: if nothing is set, the
 * time that npm gives all files.
 */
export const PACKAGE_EPOCH_S = EPOCH_S || 499_162_500;

/** What came of an archive. */
export interface Archive {
  /** Of the file as it lies there. */
  readonly sha256: string;
  /** Of the tar stream before it was compressed. */
  readonly tarSha256: string;
  readonly bytes: number;
}

/**
 * Packs a directory's content into a tar file, the same bytes for the same names, modes and content: sorted,
 * owned by root, of one time.
 *
 * @param isCompressed with gzip
 * @throws Error when tar is not GNU's, or fails
 */
export async function packDirectory(directory: string, file: string, isCompressed = true): Promise<Archive> {
  const [whole, plain] = [createHash('sha256'), createHash('sha256')];
  let bytes = 0;
  const count = passing((chunk) => {
    whole.update(chunk);
    bytes += chunk.length;
  });
  await pipeline(
    await tarOf(directory),
    passing((chunk) => plain.update(chunk)),
    isCompressed ? createGzip({ level: 6 }) : new PassThrough(),
    count,
    createWriteStream(file),
  );
  return { sha256: hex(whole), tarSha256: hex(plain), bytes };
}

/**
 * Packs a directory's content into a zip file, the same bytes for the same names, modes and content. For
 * Windows, whose package managers read no tar.
 *
 * @throws Error when Info-ZIP's zip is missing, or fails
 */
export async function zipDirectory(directory: string, file: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const time = new Date(PACKAGE_EPOCH_S * 1_000);
  await Promise.all(paths.map((path) => utimes(path, time, time)));
  const names = paths.map((path) => relative(directory, path)).sort();
  const options = { cwd: directory, env: { ...process.env, TZ: 'UTC' } };
  await promisify(execFile)('zip', ['-X', '-q', '-D', resolve(file), ...names], options);
}

/** SHA-256 of a file, hexadecimal. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hex(hash);
}

const hex = (hash: Hash) => hash.digest('hex');

function passing(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      see(chunk);
      done(null, chunk);
    },
  });
}

async function tarOf(directory: string): Promise<Readable> {
  const sameBytes = [
    '--format=ustar',
    '--sort=name',
    `--mtime=@${EPOCH_S}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  const names = (await readdir(directory)).sort();
  const child = spawn('tar', ['--create', ...sameBytes, '--directory', directory, '--', ...names], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.once('error', (error) => child.stdout.destroy(error));
  child.once('close', (code) => {
    if (code !== 0) out.destroy(new Error(`tar failed (GNU tar is needed): ${complaint}`));
    else out.end();
  });
  const out = new PassThrough();
  child.stdout.pipe(out, { end: false }); // ends when tar has, and only if all is well
  return out;
}

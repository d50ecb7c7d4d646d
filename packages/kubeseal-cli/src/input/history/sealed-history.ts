import { KIND } from '@fuin/crypto-core';
import { printable, SealedSecretsError } from '@fuin/crypto-core/errors';
import type { Io } from '../../io/io.ts';
import { sealedObjectsIn } from '../sealed-objects.ts';
import type { SealedInput } from '../sealed-secrets.ts';
import { type Failure, isFailure } from '../tree/failures.ts';
import { type Blob, blobsOf } from './blobs.ts';
import type { Repository } from './repository.ts';

/** What is larger is data, as for files of trees. */
const MOST_BYTES = 64 * 1024 * 1024;
const WORDS = [Buffer.from(KIND), Buffer.from(KIND, 'utf16le'), Buffer.from(KIND, 'utf16le').swap16()];
/** The beginning of what may be a sealed value: each format begins with a byte that is 0 to 3. */
const SEALED_LOOK = /(?<![A-Za-z0-9+/])A[A-Za-z0-9+/]{63}/;
/** As much of an id as people write. */
const SHORT_ID = 10;

/** What one file of the history holds. */
export interface HistoricFile {
  readonly found: readonly (SealedInput | Failure)[];
  /** Whether it holds the word SealedSecret. */
  readonly isRead: boolean;
}

/**
 * The SealedSecrets of every blob that a ref reaches, whatever the name of the file, one blob after the
 * other. A blob that cannot be read counts as a failure only if something in it looks sealed: documentation,
 * and templates without values, need no key.
 *
 * @throws ERR_USAGE where Git fails
 */
export async function* sealedHistory(
  repository: Repository,
  world: Pick<Io, 'env'>,
  mostBytes = MOST_BYTES,
): AsyncGenerator<HistoricFile> {
  for await (const blob of blobsOf(repository, { mostBytes, words: WORDS }, world)) {
    if (blob.isLargeWithWord) yield { found: [tooLarge(blob, repository, mostBytes)], isRead: true };
    else yield await readBlob(blob, repository);
  }
}

async function readBlob(blob: Blob, repository: Repository): Promise<HistoricFile> {
  const bytes = Buffer.from(blob.bytes ?? []);
  if (!WORDS.some((word) => bytes.includes(word))) return { found: [], isRead: false };
  const where = nameOf(blob, repository);
  const found = await sealedObjectsIn({ bytes, where });
  const looksSealed = SEALED_LOOK.test(bytes.toString('latin1').replaceAll('\0', ''));
  return { found: looksSealed ? found : found.filter((each) => !isFailure(each)), isRead: true };
}

function nameOf({ id, path }: Blob, { where }: Repository): string {
  const name = path === '' ? 'a tag' : path;
  return `${printable(name)} (blob ${id.slice(0, SHORT_ID)} of ${where})`;
}

function tooLarge(blob: Blob, repository: Repository, mostBytes: number): Failure {
  const where = nameOf(blob, repository);
  const message = `${where} is over ${mostBytes} bytes, which is too large for a manifest, and holds the word ${KIND}`;
  return { where, error: new SealedSecretsError('ERR_MANIFEST_INVALID', message) };
}

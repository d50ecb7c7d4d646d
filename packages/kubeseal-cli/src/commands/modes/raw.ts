import { fitsIntoSecret, isItemName, sealItem } from '@fuin/crypto-core';
import { placeComplaints, TOO_LARGE } from '../../input/advice.ts';
import { adviseOnNamespace } from '../../input/secrets.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { isStream, readInput } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { writeOutput } from '../../output/output.ts';
import { openSealingKey } from '../access/certificate.ts';
import { noteCertificate } from '../access/used-certificate.ts';

const LINE_END = 0x0a;

/** Seals one value, byte for byte, and prints it in base64 without a line break. */
export async function sealRaw(invocation: Invocation): Promise<void> {
  const { io, target, fromFiles, output, format: terms, warns, warn } = invocation;
  const { scope, name } = target;
  const item = itemOf(invocation);
  const recipient = await openSealingKey(invocation, terms.asked ?? 'v1');
  const namespace = scope === 'cluster-wide' ? '' : await requiredNamespace(invocation);
  if (scope === 'strict' && !name) {
    throw usageError(
      'must provide the --name flag with --raw and --scope strict',
      'a strict value belongs to one SealedSecret: name it, or give --scope namespace-wide or cluster-wide',
    );
  }
  const value = await readValue(fromFiles, io);
  if (value.length === 0 && !target.allowsEmpty) {
    throw usageError(
      'the value is empty',
      `it comes from stdin or --from-file: printf %s VALUE | ${io.programName} --raw; --allow-empty-data seals an empty one`,
    );
  }
  const sealed = await sealItem(value, recipient, { scope, namespace, name, item }, terms);
  if (warns) {
    adviseOnValue(value, warn);
    for (const text of placeComplaints({ name, namespace }, '--')) warn(`warning: ${text}`);
    await noteCertificate(recipient, invocation);
  }
  await writeOutput(output.file, sealed, io);
}

/** The item that --bind-item means. @throws ERR_USAGE where nothing names it */
function itemOf({ format, fromFiles: [file = ''] }: Pick<Invocation, 'format' | 'fromFiles'>): string {
  const item = file.includes('=') ? file.slice(0, file.indexOf('=')) : '';
  if (!format.bindsItem || isItemName(item)) return item;
  throw usageError(
    '--bind-item with --raw needs the name of the item',
    'give --from-file ITEM=FILE; - is stdin',
  );
}

function adviseOnValue(value: Uint8Array, warn: Warn): void {
  if (value.at(-1) === LINE_END) {
    warn('warning: the value ends with a line break, which is sealed too; printf %s VALUE adds none');
  }
  if (!fitsIntoSecret(value.length)) warn(`warning: ${TOO_LARGE}`);
}

async function requiredNamespace({ target, kubeconfig, warn }: Invocation): Promise<string> {
  const namespace = await kubeconfig.namespace();
  if (target.namespace === '') adviseOnNamespace(namespace, 'the value', warn);
  if (namespace) return namespace;
  throw usageError(`must provide the --namespace flag with --raw and --scope ${target.scope}`);
}

async function readValue(
  [file, ...more]: readonly string[],
  { cwd, stdin }: Pick<Io, 'cwd' | 'stdin'>,
): Promise<Uint8Array> {
  if (more.length > 0)
    throw usageError('must provide only one --from-file when encrypting a single item with --raw');
  const name = file?.slice(file.indexOf('=') + 1);
  if (name !== undefined && !isStream(name)) return readInput(cwd, name, 'from-file');
  if (!stdin.isTty) return stdin.read();
  return stdin.readHidden?.('(tty detected: expecting a secret to encrypt in stdin)\n') ?? stdin.read();
}

import { encodeBase64, encryptionLabel, fitsIntoSecret } from '@fuin/crypto-core';
import { openCertificate, readSealingKey } from '../certificate/certificate.ts';
import { adviseOnNamespace, placeComplaints, TOO_LARGE } from '../input/advice.ts';
import { contextNamespace, type Invocation, isStream, usageError } from '../invocation/invocation.ts';
import { readInput } from '../io/files.ts';
import { writeOutput } from '../output/output.ts';

const LINE_END = 0x0a;

/** Seals one value and prints it in base64 without a line end. The value is taken byte for byte. */
export async function sealRaw(invocation: Invocation): Promise<void> {
  const { scope, name } = invocation.flags;
  const recipient = await readSealingKey(await openCertificate(invocation), invocation);
  const namespace = scope === 'cluster-wide' ? '' : await requiredNamespace(invocation);
  if (scope === 'strict' && !name) {
    throw usageError(
      'must provide the --name flag with --raw and --scope strict',
      'a strict value belongs to one SealedSecret: name it, or give --scope namespace-wide or cluster-wide',
    );
  }
  const value = await readValue(invocation);
  if (value.length === 0 && !invocation.flags['allow-empty-data']) {
    throw usageError(
      'the value is empty',
      `it comes from stdin or --from-file: printf %s VALUE | ${invocation.io.programName} --raw; --allow-empty-data seals an empty one`,
    );
  }
  const sealed = await recipient.seal(value, encryptionLabel(scope, namespace, name));
  if (invocation.warns) {
    adviseOnValue(value, invocation);
    for (const text of placeComplaints({ name, namespace }, '--')) invocation.warn(`warning: ${text}`);
    await (await import('../certificate/note.ts')).noteCertificate(recipient, invocation);
  }
  await writeOutput(invocation, encodeBase64(sealed));
}

function adviseOnValue(value: Uint8Array, { warn }: Invocation): void {
  if (value.at(-1) === LINE_END) {
    warn('warning: the value ends with a line end, which is sealed with it; printf %s VALUE makes none');
  }
  if (!fitsIntoSecret(value.length)) warn(`warning: ${TOO_LARGE}`);
}

async function requiredNamespace(invocation: Invocation): Promise<string> {
  const namespace = await contextNamespace(invocation);
  adviseOnNamespace(namespace, 'the value', invocation);
  if (namespace) return namespace;
  throw usageError(`must provide the --namespace flag with --raw and --scope ${invocation.flags.scope}`);
}

async function readValue({ flags, io }: Invocation): Promise<Uint8Array> {
  const [file, ...more] = flags['from-file'];
  if (more.length > 0)
    throw usageError('must provide only one --from-file when encrypting a single item with --raw');
  const name = file?.slice(file.indexOf('=') + 1);
  if (name !== undefined && !isStream(name)) return readInput(io.cwd, name, 'from-file');
  if (!io.stdin.isTty) return io.stdin.read();
  const { stdin } = io;
  return stdin.readHidden?.('(tty detected: expecting a secret to encrypt in stdin)\n') ?? stdin.read();
}

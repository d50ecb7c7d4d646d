import { encodeBase64, encryptionLabel, sealValue } from '@fuin/crypto-core';
import { openCertificate, parseCertificate } from '../certificate.ts';
import { readInput } from '../files.ts';
import { contextNamespace, type Invocation, isStream, usageError } from '../invocation.ts';
import { writeOutput } from '../output.ts';

/** Seals one value and prints it in base64 without a line end. The value is taken byte for byte. */
export async function sealRaw(invocation: Invocation): Promise<void> {
  const { scope, name } = invocation.flags;
  const publicKey = await parseCertificate(await openCertificate(invocation), invocation);
  const namespace = scope === 'cluster-wide' ? '' : await requiredNamespace(invocation);
  if (scope === 'strict' && !name) {
    throw usageError(
      'must provide the --name flag with --raw and --scope strict',
      'a strict value belongs to one SealedSecret: name it, or give --scope namespace-wide or cluster-wide',
    );
  }
  const value = await readValue(invocation);
  const sealed = await sealValue(value, publicKey, encryptionLabel(scope, namespace, name));
  await writeOutput(invocation, encodeBase64(sealed));
}

async function requiredNamespace(invocation: Invocation): Promise<string> {
  const namespace = await contextNamespace(invocation);
  if (namespace) return namespace;
  throw usageError(`must provide the --namespace flag with --raw and --scope ${invocation.flags.scope}`);
}

async function readValue({ flags, io }: Invocation): Promise<Uint8Array> {
  const [file, ...more] = flags['from-file'];
  if (more.length > 0)
    throw usageError('must provide only one --from-file when encrypting a single item with --raw');
  const name = file?.slice(file.indexOf('=') + 1);
  if (name !== undefined && !isStream(name)) return readInput(io.cwd, name, 'from-file');
  if (io.stdin.isTty) io.stderr.write('(tty detected: expecting a secret to encrypt in stdin)\n');
  return io.stdin.read();
}

import {
  parseSealedSecret,
  printable,
  type SealedSecret,
  SealedSecretsError,
  SIGNATURE,
  SIGNATURE_NAMESPACE,
  signatureAnnotation,
  signedContent,
} from '@fuin/crypto-core';
import { usageError } from '../../../invocation/usage-error.ts';
import type { Io } from '../../../io/io.ts';

/** Signs SealedSecrets for one person. */
export interface Signer {
  /** The value of the annotation SIGNATURE. @throws ERR_MANIFEST_INVALID, ERR_KEY_INVALID, ERR_USAGE */
  sign(sealedSecret: SealedSecret): Promise<string>;
}

/** As much as a signature can have, and what ssh-keygen says. */
const MOST_OUTPUT = 64 * 1024;

/**
 * A signer with a key of SSH; undefined where no key is named. The program ssh-keygen signs, so that keys
 * with passphrases, agents and their tools work as they do elsewhere, and no private key gets into this
 * process.
 *
 * @param key file with the private key, or with the public key of one that the agent holds
 */
export function signerOf(key: string, io: Pick<Io, 'cwd' | 'env'>): Signer | undefined {
  if (key === '') return undefined;
  return {
    sign: async (sealedSecret) => {
      const content = await signedContent(sealedSecret);
      return signatureAnnotation(await sshKeygen(key, content, io), content);
    },
  };
}

/** The SealedSecret with a signature. @throws the errors of the signer; ERR_MANIFEST_INVALID */
export async function withSignature<SealedObject extends object>(
  object: SealedObject,
  signer: Signer,
): Promise<SealedObject> {
  const sealedSecret = parseSealedSecret(object);
  const { metadata } = sealedSecret;
  const annotations = { ...metadata.annotations, [SIGNATURE]: await signer.sign(sealedSecret) };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** Runs `ssh-keygen -Y sign`, which asks for passphrases at the terminal by itself. */
function sshKeygen(key: string, content: Uint8Array, { cwd, env }: Pick<Io, 'cwd' | 'env'>): Promise<string> {
  const { spawn } = process.getBuiltinModule('node:child_process'); // not an import: few runs need it
  return new Promise((resolve, reject) => {
    const args = ['-Y', 'sign', '-q', '-f', key, '-n', SIGNATURE_NAMESPACE];
    const child = spawn('ssh-keygen', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] = (texts[name] + text).slice(0, MOST_OUTPUT);
      });
    child.once('error', () => reject(usageError('ssh-keygen, which signs, cannot be run')));
    child.once('close', (code) => {
      if (code === 0) return resolve(texts.stdout);
      const said = printable(texts.stderr.trim().split('\n').at(-1) ?? '');
      reject(
        new SealedSecretsError('ERR_KEY_INVALID', `cannot sign with ${key}: ${said || 'ssh-keygen failed'}`),
      );
    });
    child.stdin.on('error', () => undefined); // it ended early, which its exit code says
    child.stdin.end(content);
  });
}

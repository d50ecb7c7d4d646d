import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSealedSecret, SIGNATURE, SIGNATURE_NAMESPACE, signedContent } from '@fuin/crypto-core';

/** An object with metadata, such as a SealedSecret that a test bends. */
interface Signable {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** Keys of SSH in a directory of their own, and the real `ssh-keygen`. */
export class SshKeys {
  readonly directory = mkdtempSync(join(tmpdir(), 'ssh-keys-'));

  /** Makes a key; `kind` as `ssh-keygen -t` takes it. */
  make(name: string, kind = 'ed25519'): void {
    sshKeygen(['-q', '-t', kind, '-N', '', '-C', '', '-f', this.path(name)]);
  }

  /** Path of a private key, or of another file in the directory. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** The line of an allowed-signers file for a key. */
  line(name: string, options = ''): string {
    const key = readFileSync(this.path(`${name}.pub`), 'utf8').trim();
    return `${name}@example.com ${options}${options && ' '}${key}\n`;
  }

  /** The signature that the annotation holds, over an object as it is. */
  async signature(name: string, object: unknown): Promise<string> {
    const content = await signedContent(parseSealedSecret(object));
    const args = ['-Y', 'sign', '-q', '-f', this.path(name), '-n', SIGNATURE_NAMESPACE];
    return sshKeygen(args, content).replace(/-----.*-----|\s/g, '');
  }

  /** The object with a signature. */
  async sign<Part extends Signable>(name: string, object: Part): Promise<Part> {
    return withSignature(object, await this.signature(name, object));
  }

  delete(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The object with this text as its signature. */
export function withSignature<Part extends Signable>(object: Part, signature: string): Part {
  const annotations = { ...object.metadata.annotations, [SIGNATURE]: signature };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Runs `ssh-keygen`. @throws Error if it fails */
export function sshKeygen(args: readonly string[], input: Uint8Array = new Uint8Array()): string {
  return execFileSync('ssh-keygen', args, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
}

import type { Invocation } from '../../invocation/invocation.ts';
import type { Mode } from '../../invocation/mode.ts';
import { seal } from './seal.ts';

/** Runs the mode. @throws SealedSecretsError with hints that fit the mode */
export async function runMode(mode: Mode, invocation: Invocation): Promise<void> {
  try {
    await start(mode, invocation);
  } catch (error) {
    throw (await import('./explain.ts')).explainFailure(error, mode);
  }
}

/**
 * Sealing is imported statically, so that a bundle has it in one file. Other modes are loaded when they are
 * needed.
 */
async function start(mode: Mode, invocation: Invocation): Promise<void> {
  switch (mode) {
    case 'recovery-unseal':
      return (await import('./recovery-unseal.ts')).recoveryUnseal(invocation);
    case 'validate':
      return (await import('./validate.ts')).validate(invocation);
    case 're-encrypt':
      return (await import('./re-encrypt.ts')).reEncrypt(invocation);
    case 'fetch-cert':
      return (await import('./fetch-cert.ts')).fetchCert(invocation);
    case 'merge-into':
      return (await import('./merge-into.ts')).mergeInto(invocation);
    case 'raw':
      return (await import('./raw.ts')).sealRaw(invocation);
    case 'seal':
      return seal(invocation);
  }
}

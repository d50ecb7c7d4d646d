import { dirname, join } from 'node:path';
import { buildGoProgram, installGoProgram } from '../../../scripts/go-tool.ts';
import { installPython } from './python-tool.ts';

const STORES = join(import.meta.dirname, '..', 'stores');
const CACHE = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache');
const SOPS = 'github.com/getsops/sops/v3/cmd/sops@v3.13.3';
const MOTO_VERSION = '5.2.5';
const MINISTACK_VERSION = '1.5.33';
const moto = join(CACHE, `moto-${MOTO_VERSION}`);
const ministack = join(CACHE, `ministack-${MINISTACK_VERSION}`);

/** Programs that hold values, or stand in for services that do. */
export const STORE_TOOLS = {
  sops: join(CACHE, SOPS.replace(/^.*@/, 'sops-'), 'sops'),
  /** test/support/stores/vault: Vault's own KV and transit engines behind HTTP. */
  vault: join(CACHE, 'vault', 'vault'),
  /** A stand-in for AWS: KMS, whose keys can be disabled, and STS. */
  ministack: join(ministack, 'bin', 'ministack'),
  /** A stand-in for AWS. */
  moto: join(moto, 'bin', 'moto_server'),
} as const;

/**
 * Builds and installs them where they are missing. Needs Go, Python with venv and, the first time, the module
 * proxy and PyPI.
 */
export async function installStoreTools(): Promise<void> {
  await Promise.all([
    installGoProgram(SOPS, dirname(STORE_TOOLS.sops)),
    buildGoProgram(join(STORES, 'vault'), STORE_TOOLS.vault),
    installPython(STORE_TOOLS.moto, ['-r', join(STORES, 'requirements.txt')]),
    installPython(STORE_TOOLS.ministack, ['-r', join(STORES, 'ministack-requirements.txt')]),
  ]);
}

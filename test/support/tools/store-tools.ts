import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GO_BUILD_ENV } from '../../kube-apiserver/build.ts';

const run = promisify(execFile);
const STORES = join(import.meta.dirname, '..', 'stores');
const CACHE = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache');
const SOPS_VERSION = 'v3.13.3';
const AGE_VERSION = 'v1.3.2';
const MOTO_VERSION = '5.2.5';
const moto = join(CACHE, `moto-${MOTO_VERSION}`);

/** Programs that hold values, or stand in for services that do. */
export const STORE_TOOLS = {
  sops: join(CACHE, `sops-${SOPS_VERSION}`, 'sops'),
  ageKeygen: join(CACHE, `age-${AGE_VERSION}`, 'age-keygen'),
  /** test/support/stores/vault: Vault's own KV engines behind HTTP. */
  vault: join(CACHE, 'vault', 'vault'),
  /** A stand-in for AWS. */
  moto: join(moto, 'bin', 'moto_server'),
} as const;

/**
 * Builds and installs them where they are missing. Needs Go, Python with venv and, the first time, the module
 * proxy and PyPI.
 */
export async function installStoreTools(): Promise<void> {
  await Promise.all([
    installGo(STORE_TOOLS.sops, `github.com/getsops/sops/v3/cmd/sops@${SOPS_VERSION}`),
    installGo(STORE_TOOLS.ageKeygen, `filippo.io/age/cmd/age-keygen@${AGE_VERSION}`),
    // Go itself knows whether anything is out of date
    run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', STORE_TOOLS.vault, '.'], {
      cwd: join(STORES, 'vault'),
      env: { ...process.env, ...GO_BUILD_ENV },
    }),
    installMoto(),
  ]);
}

async function installGo(path: string, source: string): Promise<void> {
  if (existsSync(path)) return;
  const env = { ...process.env, GOBIN: join(path, '..'), ...GO_BUILD_ENV };
  await run('go', ['install', '-trimpath', '-ldflags=-s -w', source], { env });
}

async function installMoto(): Promise<void> {
  if (existsSync(STORE_TOOLS.moto)) return;
  await rm(moto, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', moto]);
  const requirements = join(STORES, 'requirements.txt');
  await run(join(moto, 'bin', 'pip'), ['install', '--quiet', '--no-deps', '-r', requirements]);
}

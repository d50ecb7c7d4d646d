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
const MINISTACK_VERSION = '1.5.33';
const moto = join(CACHE, `moto-${MOTO_VERSION}`);
const ministack = join(CACHE, `ministack-${MINISTACK_VERSION}`);

/** Programs that hold values, or stand in for services that do. */
export const STORE_TOOLS = {
  sops: join(CACHE, `sops-${SOPS_VERSION}`, 'sops'),
  ageKeygen: join(CACHE, `age-${AGE_VERSION}`, 'age-keygen'),
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
    installGo(STORE_TOOLS.sops, `github.com/getsops/sops/v3/cmd/sops@${SOPS_VERSION}`),
    installGo(STORE_TOOLS.ageKeygen, `filippo.io/age/cmd/age-keygen@${AGE_VERSION}`),
    // Go itself knows whether anything is out of date
    run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', STORE_TOOLS.vault, '.'], {
      cwd: join(STORES, 'vault'),
      env: { ...process.env, ...GO_BUILD_ENV },
    }),
    installPython(STORE_TOOLS.moto, 'requirements.txt'),
    installPython(STORE_TOOLS.ministack, 'ministack-requirements.txt'),
  ]);
}

async function installGo(path: string, source: string): Promise<void> {
  if (existsSync(path)) return;
  const env = { ...process.env, GOBIN: join(path, '..'), ...GO_BUILD_ENV };
  await run('go', ['install', '-trimpath', '-ldflags=-s -w', source], { env });
}

/** @param requirements file with the version of every package */
async function installPython(program: string, requirements: string): Promise<void> {
  if (existsSync(program)) return;
  const place = join(program, '../..');
  await rm(place, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', place]);
  const pinned = ['--quiet', '--no-deps', '-r', join(STORES, requirements)];
  await run(join(place, 'bin', 'pip'), ['install', ...pinned]);
}

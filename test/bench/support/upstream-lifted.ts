import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GO_BUILD_ENV } from '../../../scripts/go-tool.ts';

const VERSION = 'v0.27.1';
const CLIENT_GO = 'k8s.io/client-go@v0.30.3';
const PROGRAM = join(import.meta.dirname, '..', '.cache', `controller-${VERSION}-lifted`);
const run = promisify(execFile);

/**
 * Builds upstream's controller with the client limit lifted, into the cache. v0.27.1 has no --kubeclient-qps
 * (later versions do): its limit is a constant of client-go, which this raises; nothing else differs from the
 * released source.
 */
export async function buildUpstreamLifted(): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM;
  const directory = await mkdtemp(join(tmpdir(), 'fuin-lifted-'));
  try {
    await writeModule(directory);
    const env = { ...process.env, ...GO_BUILD_ENV, GOFLAGS: '-mod=mod' };
    const packageName = 'github.com/bitnami-labs/sealed-secrets/cmd/controller';
    await run('go', ['build', '-ldflags=-s -w', '-o', 'controller', packageName], { cwd: directory, env });
    await mkdir(join(PROGRAM, '..'), { recursive: true });
    await cp(join(directory, 'controller'), `${PROGRAM}.new`);
    await rename(`${PROGRAM}.new`, PROGRAM);
    return PROGRAM;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeModule(directory: string): Promise<void> {
  const { stdout } = await run('go', ['mod', 'download', '-json', CLIENT_GO], { cwd: directory });
  const { Dir } = JSON.parse(stdout) as { readonly Dir: string };
  const copy = join(directory, 'client-go');
  await run('cp', ['-r', '--no-preserve=mode', Dir, copy]); // the module cache is read-only
  const config = join(copy, 'rest', 'config.go');
  const text = await readFile(config, 'utf8');
  const lifted = text
    .replace(/(DefaultQPS\s+float32\s+=) 5\.0/, '$1 100000')
    .replace(/(DefaultBurst\s+int\s+=) 10/, '$1 100000');
  if (lifted === text) throw new Error(`${CLIENT_GO}: the limit is not where it was`);
  await writeFile(config, lifted);
  const module = `module lifted
go 1.22
require github.com/bitnami-labs/sealed-secrets ${VERSION}
replace k8s.io/client-go => ./client-go
`;
  await writeFile(join(directory, 'go.mod'), module);
}

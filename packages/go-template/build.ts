/**
 * Rebuilds src/go-template.wasm.br and src/go-template.wasm.json from go/: `node packages/go-template/build.ts`.
 * Needs Go, and the module cache or a network. One version of Go gives the same bytes on every machine.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

/** Contents of src/go-template.wasm.json: which compiler made the program, and what came out. */
export interface ProgramRecord {
  /** As `go env GOVERSION` prints it, such as `go1.26.8`. */
  readonly goVersion: string;
  /** SHA-256 of the uncompressed program, hexadecimal. */
  readonly sha256: string;
  /** Size of the uncompressed program. */
  readonly bytes: number;
}

const sources = fileURLToPath(new URL('./go/', import.meta.url));

/** Version of the Go compiler on this machine, or undefined without one. Never downloads a tool chain. */
export function goVersion(): string | undefined {
  try {
    return runGo(['env', 'GOVERSION']).trim();
  } catch {
    return undefined;
  }
}

/** Whether the modules that go/ needs are in the module cache, or could be fetched now. */
export function hasGoModules(): boolean {
  try {
    runGo(['mod', 'download']);
    return true;
  } catch {
    return false;
  }
}

/** Compiles go/ to WebAssembly; takes seconds with a warm build cache and minutes without. */
export function compileProgram(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'go-template-'));
  const output = join(folder, 'program.wasm');
  const reproducible = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', '-s -w -buildid='];
  try {
    runGo(['build', ...reproducible, '-buildmode=c-shared', '-o', output, '.'], {
      GOOS: 'wasip1',
      GOARCH: 'wasm',
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs go/golden natively and returns its JSON lines (vectors/README.md); takes half a minute. */
export function generateVectors(): string {
  return runGo(['run', '-trimpath', '-buildvcs=false', '-mod=readonly', './golden']);
}

/** Hash and size of a program made by the given compiler. */
export function recordOf(program: Uint8Array, compiler: string): ProgramRecord {
  const sha256 = createHash('sha256').update(program).digest('hex');
  return { goVersion: compiler, sha256, bytes: program.length };
}

function runGo(args: readonly string[], target: NodeJS.ProcessEnv = {}): string {
  const fixed = {
    GOTOOLCHAIN: 'local',
    GOFLAGS: '',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    GOEXPERIMENT: '',
    GOWASM: '',
  };
  return execFileSync('go', args, {
    cwd: sources,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, ...fixed, ...target },
  });
}

function build(): void {
  const compiler = goVersion();
  if (compiler === undefined) throw new Error('go is not installed');
  const program = compileProgram();
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: program.length,
  };
  const record = `${JSON.stringify(recordOf(program, compiler), undefined, 2)}\n`;
  writeFileSync(
    new URL('./src/go-template.wasm.br', import.meta.url),
    brotliCompressSync(program, { params }),
  );
  writeFileSync(new URL('./src/go-template.wasm.json', import.meta.url), record);
}

if (import.meta.main) build();

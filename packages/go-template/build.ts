/**
 * Rebuilds src/go-template.wasm.br and .json from go/: `node packages/go-template/build.ts`.
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

/** The Go that is installed. It never fetches another one by itself. */
const INSTALLED = 'local';

/** Fetches the modules that go/ needs, and Go itself if another version is installed, by checksum. */
export function fetchGo(version: string): void {
  runGo(['mod', 'download'], version);
}

/** Compiles go/ to WebAssembly with a version of Go, in seconds with a build cache and in minutes without. */
export function compileProgram(version = INSTALLED): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'go-template-'));
  const output = join(folder, 'program.wasm');
  const reproducible = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', '-s -w -buildid='];
  try {
    const target = { GOOS: 'wasip1', GOARCH: 'wasm' };
    runGo(['build', ...reproducible, '-buildmode=c-shared', '-o', output, '.'], version, target);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs go/golden natively and returns its JSON lines (vectors/README.md); takes half a minute. */
export function generateVectors(version = INSTALLED): string {
  return runGo(['run', '-trimpath', '-buildvcs=false', '-mod=readonly', './golden'], version);
}

/** Hash and size of a program made by the given compiler. */
export function recordOf(program: Uint8Array, compiler: string): ProgramRecord {
  const sha256 = createHash('sha256').update(program).digest('hex');
  return { goVersion: compiler, sha256, bytes: program.length };
}

function runGo(args: readonly string[], version: string, target: NodeJS.ProcessEnv = {}): string {
  const fixed = {
    GOTOOLCHAIN: version,
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
  const compiler = runGo(['env', 'GOVERSION'], INSTALLED).trim();
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

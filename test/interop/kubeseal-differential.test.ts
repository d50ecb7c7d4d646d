import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decodeBase64,
  encryptionLabel,
  importKeyPair,
  KeyRing,
  openValue,
} from '../../packages/crypto-core/src/index.ts';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import { peerProblem, upstreamKubeseal } from '../support/tools/peer.ts';
import { type Aspect, type Case, COMMON_FILES } from './cases/case.ts';
import { FLAG_CASES } from './cases/flags.ts';
import { MODE_CASES } from './cases/modes.ts';
import { SECRET_CASES } from './cases/secrets.ts';
import { YAML_CASES } from './cases/yaml.ts';

/** What a program did. */
interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files that are new or changed. */
  readonly files: Readonly<Record<string, string>>;
}

const CASES = [...FLAG_CASES, ...YAML_CASES, ...SECRET_CASES, ...MODE_CASES];
const SEALED = /A[gQ][A-Za-z0-9+/]{300,}={0,2}/g;
/** Every label that a case may seal under. */
const LABELS = ['blue', 'green', 'shop', 'false', 'default', 'y1'].flatMap((namespace) => [
  encryptionLabel('namespace-wide', namespace, ''),
  ...['a', 'b', 'db', 'x', 'tls', 'test'].map((name) => encryptionLabel('strict', namespace, name)),
]);

describe.skipIf(peerProblem() !== undefined)(
  `kubeseal beside upstream's (${peerProblem() ?? 'both run'})`,
  () => {
    it('has at least 150 cases with titles of their own', () => {
      expect(CASES.length).toBeGreaterThanOrEqual(150);
      expect(new Set(CASES.map(({ title }) => title)).size).toBe(CASES.length);
    });
    it.each(CASES)('$title', async (each) => {
      const [theirs, ours] = await Promise.all([runUpstream(each), runOurs(each)]);
      const isUsage = theirs.code === 2 && theirs.stderr.startsWith('Usage of');
      const comparisons: Record<Aspect, readonly [unknown, unknown]> = {
        code: [ours.code, theirs.code],
        stderr: [firstLine(ours.stderr), firstLine(theirs.stderr)],
        output: isUsage ? ['', ''] : await Promise.all([outputOf(ours), outputOf(theirs)]),
      };
      const allowed = each.differs?.in ?? [];
      for (const aspect of ['code', 'stderr', 'output'] as const) {
        const [our, their] = comparisons[aspect];
        if (allowed.includes(aspect)) continue;
        expect({ [aspect]: our }).toEqual({ [aspect]: their });
      }
      if (each.differs)
        expect(allowed.some((aspect) => !Object.is(comparisons[aspect][0], comparisons[aspect][1]))).toBe(
          true,
        );
      if (isUsage)
        expect(firstLine(ours.stderr)).toBe(`error: ${theirs.stdout.trimEnd().split('\n').at(-1)}`);
    });
  },
);

async function runOurs({ argv, stdin, files, env }: Case): Promise<Answer> {
  const given = { ...COMMON_FILES, ...files };
  const result = await runCli({
    argv,
    files: given,
    ...(stdin === undefined ? {} : { stdin }),
    ...(env ? { env } : {}),
  });
  return { ...result, files: changed(result.files, given) };
}

async function runUpstream({ argv, stdin, files, env }: Case): Promise<Answer> {
  const given = { ...COMMON_FILES, ...files };
  const cwd = await mkdtemp(join(tmpdir(), 'upstream-kubeseal-'));
  try {
    for (const [name, text] of Object.entries(given)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), text);
    }
    const answer = await upstreamKubeseal(argv, {
      cwd,
      env: { HOME: join(cwd, 'home'), ...env },
      stdin: stdin ?? '',
    });
    const names = (await readdir(cwd, { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    const after = await Promise.all(
      names.map(async (name) => [name, await readFile(join(cwd, name), 'utf8')] as const),
    );
    return { ...answer, files: changed(Object.fromEntries(after), given) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function changed(
  after: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  // upstream's leftover temporary files start with a dot
  return Object.fromEntries(
    Object.entries(after).filter(([name, text]) => before[name] !== text && !name.startsWith('.')),
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/**
 * Output and files byte for byte; each sealed value is replaced by its content and the label that opens it.
 */
async function outputOf({ stdout, files }: Answer): Promise<string> {
  const contents = Object.entries(files).map(([name, content]) => [name, withoutNullTimestamp(content)]);
  const text = JSON.stringify({ stdout: withoutNullTimestamp(stdout), files: Object.fromEntries(contents) });
  const keyRing = KeyRing.of(await importKeyPair(COMMON_FILES['key.pem'] ?? ''));
  const opened = new Map<string, string>();
  for (const [sealed] of text.matchAll(SEALED)) opened.set(sealed, await open(sealed, keyRing));
  return text.replace(SEALED, (sealed) => opened.get(sealed) ?? sealed);
}

/** v0.27.1 prints `creationTimestamp: null`, later versions do not. */
function withoutNullTimestamp(text: string): string {
  return text.replace(/,\s*"creationTimestamp": null|^ *creationTimestamp: null\n/gm, '');
}

async function open(sealed: string, keyRing: KeyRing): Promise<string> {
  for (const [index, label] of [encryptionLabel('cluster-wide', '', ''), ...LABELS].entries()) {
    const plaintext = await openValue(decodeBase64(sealed), keyRing, label).catch(() => undefined);
    if (plaintext) return `<label ${index}: ${Buffer.from(plaintext).toString('hex')}>`;
  }
  return '<opens under no label>';
}

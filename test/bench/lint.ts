import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { readVector } from '../vectors/read.ts';
import { formatMiB, formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';

/**
 * `node test/bench/lint.ts [--short]`: `kubeseal check` of a tree of 1,000 files with two values each, as a
 * whole process, against the bare start of Node; and how its memory grows with three times as many files.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const RUNS = values.short ? 3 : 9;
const FILES = 1_000;
/** A start of Node takes 40 ms on a machine where 1,000 files may take 2 s. */
const AIM = 50;
const MEMORY_AIM = 1.3;
const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/dist/kubeseal.js');
const REPORT_RSS = `data:text/javascript,process.on('exit',()=>process.stderr.write('rss '+process.resourceUsage().maxRSS))`;

const directory = await mkdtemp(join(tmpdir(), 'fuin-lint-'));
try {
  await writeTree('one', FILES);
  await writeTree('three', 3 * FILES);
  printTable(rows());
} finally {
  await rm(directory, { recursive: true, force: true });
}

function rows(): Row[] {
  const [bareMs, oursMs]: [number[], number[]] = [[], []];
  for (let run = 0; run <= RUNS; run++) {
    bareMs.push(timeOf(['-e', '0']).ms);
    oursMs.push(timeOf([KUBESEAL, 'check', 'one']).ms);
  }
  const [one, three] = ['one', 'three'].map(
    (tree) => timeOf(['--import', REPORT_RSS, KUBESEAL, 'check', tree]).rss,
  );
  const ratios = oursMs.slice(1).map((ms, run) => ms / (bareMs[run + 1] ?? ms));
  return [
    {
      work: `kubeseal check, ${FILES} files of 2 values`,
      ours: formatMs(median(oursMs.slice(1))),
      against: `node -e 0 ${formatMs(median(bareMs.slice(1)))}`,
      ratio: median(ratios),
      aim: { atMost: AIM },
    },
    {
      work: 'memory with three times as many files',
      ours: formatMiB((three ?? 0) / 1024),
      against: formatMiB((one ?? 1) / 1024),
      ratio: (three ?? 0) / (one ?? 1),
      aim: { atMost: MEMORY_AIM },
    },
  ];
}

/** Time, and peak memory in KiB if it is printed. @throws unless the process finds nothing */
function timeOf(args: readonly string[]): { ms: number; rss: number } {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
  const ms = performance.now() - startMs;
  const [, rss = '0', rest = ''] = /^(?:rss (\d+))?([\s\S]*)$/.exec(stderr) ?? [];
  if (status !== 0 || rest !== '') throw new Error(`WRONG: ${args.join(' ')}: ${status} ${stderr}`);
  return { ms, rss: Number(rss) };
}

/** SealedSecrets of three clusters. All hold the same sealed value, which nothing opens here. */
async function writeTree(name: string, count: number): Promise<void> {
  const { recipient } = await parseCertificate(readVector('kubeseal/a.crt'));
  const sealed = encodeBase64(
    await recipient.seal(encodeUtf8('a password of usual length'), encodeUtf8('x/y')),
  );
  for (let at = 0; at < count; at++) {
    const folder = join(directory, name, `cluster-${at % 3}`, `team-${at % 50}`);
    await mkdir(folder, { recursive: true });
    const object = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: secret-${at}
  namespace: team-${at % 50}
spec:
  encryptedData:
    password: ${sealed}
    user: ${sealed}
  template:
    metadata:
      name: secret-${at}
      namespace: team-${at % 50}
    type: Opaque
`;
    await writeFile(join(folder, `secret-${at}.yaml`), object);
  }
}

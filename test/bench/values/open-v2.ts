import { availableParallelism } from 'node:os';
import { type Bytes, importKeyPair, KeyRing, openValue } from '@fuin/crypto-core';
import { suiteOf, XWingKeyPair } from '@fuin/crypto-core/v2';
import { startFakeGoogleKem } from '../../../packages/cloud/src/testing/fake-google-kem.ts';
import { startFakeKms } from '../../../packages/cloud/src/testing/fake-kem-service.ts';
import type { SplitKeys } from '../../../packages/controller/src/keys/split/split-key.ts';
import { openSplitKeys } from '../../../packages/controller/src/keys/split/split-keys.ts';
import { NATIVE_ALGORITHMS } from '../../../packages/native-hpke/src/index.ts';
import { readVector } from '../../vectors/read.ts';
import type { Rate } from '../support/figures/raw-rsa.ts';
import { printTable } from '../support/figures/report.ts';
import { median } from '../support/figures/statistics.ts';
import { unsealing } from '../support/figures/unsealing.ts';

/**
 * `node test/bench/values/open-v2.ts [seconds per round]`: what opening a SealedSecret of one value costs
 * with values of format v2 (by OpenSSL, as in the controller) against values of v1 for RSA-4096, in the same
 * run. Short rounds alternate, so that other work on the machine hits both.
 */
const AIM = 8;
const ROUNDS = 21;
const cores = availableParallelism();
const roundMs = Number(process.argv[2] ?? 0.5) * 1000;
const options = { cores, roundMs };

const suite = suiteOf(NATIVE_ALGORITHMS);
const v1 = await unsealing(
  await importKeyPair(readVector('kubeseal/a.pkcs1.key'), { copies: cores }),
  options,
);
const v2 = await unsealing(await XWingKeyPair.of(await XWingKeyPair.generate(suite), suite), options);
await v1(); // warm up
// code that is not compiled yet takes three times as long, and a busy machine runs little of it a round
for (let opened = 0; opened < 2_000; ) opened += ((await v2()).perSecond * roundMs) / 1000;
const rounds: { v1: Rate; v2: Rate }[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push({ v1: await v1(), v2: await v2() });

const of = (pick: (round: { v1: Rate; v2: Rate }) => number) => median(rounds.map(pick));
const cpuOf = (format: 'v1' | 'v2') => `${of((round) => round[format].cpuMs).toFixed(3)} ms`;
console.log(`node ${process.version}, ${cores} cores, ${ROUNDS} rounds of ${roundMs} ms each, medians`);
printTable([
  {
    work: 'a SealedSecret of one value of format v2 opened, in CPU time',
    ours: cpuOf('v2'),
    against: `of v1, RSA-4096 ${cpuOf('v1')}`,
    ratio: of((round) => round.v1.cpuMs / round.v2.cpuMs),
    aim: { atLeast: AIM },
  },
]);
await printSplitCost();

/** What a value of a split key costs, with key services on this machine that answer at once. */
async function printSplitCost(): Promise<void> {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  const kms = await startFakeKms();
  const aws = { AWS_ENDPOINT_URL_KMS: kms.url };
  await printCostOf('AWS KMS', kms.actions, await openSplitKeys([`aws-kms:${kms.arn}`], aws));
  await kms.close();
  const google = await startFakeGoogleKem();
  process.env['GCE_METADATA_HOST'] = new URL(google.url).host;
  const env = { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: google.url, KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  const split = await openSplitKeys([`gcp-kms:${google.kemKey.version(1)}`], env);
  await printCostOf('Google Cloud KMS', google.kemKey.actions, split);
  await google.close();
}

async function printCostOf(service: string, actions: string[], split: SplitKeys | undefined): Promise<void> {
  if (!split) throw new Error('no split key');
  const VALUES = 200;
  const { data, type } = await split.draw();
  const { keyPair } = await split.read(data, type);
  const label = new Uint8Array();
  const sealed: Bytes[] = [];
  for (let at = 0; at < VALUES; at++) sealed.push(await keyPair.seal(new Uint8Array(32), label));
  for (const what of ['first', 'again'] as const) {
    actions.length = 0;
    const before = process.threadCpuUsage();
    for (const value of sealed) await openValue(value, KeyRing.of(keyPair), label);
    const { user, system } = process.threadCpuUsage(before);
    const cpuMs = ((user + system) / 1000 / VALUES).toFixed(3);
    const calls = (actions.length / VALUES).toFixed(2);
    console.log(
      `key in ${service}, ${what}: ${calls} calls to the key service a value, ${cpuMs} ms of CPU each, the stand-in's included`,
    );
  }
  await split.close();
}

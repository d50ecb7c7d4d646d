import { availableParallelism } from 'node:os';
import { importKeyPair } from '@fuin/crypto-core';
import { suiteOf, XWingKeyPair } from '@fuin/crypto-core/v2';
import { NATIVE_ALGORITHMS } from '../../packages/native-hpke/src/index.ts';
import { readVector } from '../vectors/read.ts';
import type { Rate } from './support/figures/raw-rsa.ts';
import { median } from './support/figures/statistics.ts';
import { unsealing } from './support/figures/unsealing.ts';

/**
 * `node test/bench/open-v2.ts [seconds per round]`: what opening a SealedSecret of one value costs with
 * values of format v2 (by OpenSSL, as in the controller) against values of v1 for RSA-4096, in the same run.
 * Short rounds alternate, so that other work on the machine hits both.
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
for (const measure of [v1, v2]) await measure(); // warm up
const rounds: { v1: Rate; v2: Rate }[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push({ v1: await v1(), v2: await v2() });

const of = (pick: (round: { v1: Rate; v2: Rate }) => number, digits: number) =>
  median(rounds.map(pick)).toFixed(digits);
const ratio = of((round) => round.v1.cpuMs / round.v2.cpuMs, 2);
console.log(`node ${process.version}, ${cores} cores, ${ROUNDS} rounds of ${roundMs} ms each, medians`);
for (const format of ['v1', 'v2'] as const)
  console.log(
    `${format}: ${of((round) => round[format].perSecond, 0)} per second, ${of((round) => round[format].cpuMs, 3)} ms of CPU each`,
  );
console.log(`CPU of v1 / CPU of v2: ${ratio} (aim ${AIM}: ${Number(ratio) >= AIM ? 'reached' : 'missed'})`);

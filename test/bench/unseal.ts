import { availableParallelism } from 'node:os';
import { importKeyPair } from '@fuin/crypto-core';
import { readVector } from '../vectors/read.ts';
import { type Rate, rawRsa } from './support/figures/raw-rsa.ts';
import { median } from './support/figures/statistics.ts';
import { unsealing } from './support/figures/unsealing.ts';

/**
 * `node test/bench/unseal.ts [seconds per round]`: how many SealedSecrets of one value a process opens per
 * second, against the raw RSA rate of the same machine in the same run. Short rounds alternate, so that other
 * work on the machine hits both; CPU time per operation hardly depends on it at all.
 */
const AIM = 0.9;
const ROUNDS = 21;
const cores = availableParallelism();
const roundMs = Number(process.argv[2] ?? 0.5) * 1000;

const pair = await importKeyPair(readVector('kubeseal/a.pkcs1.key'), { copies: cores });
const [measureRaw, measureUnseal] = [
  await rawRsa(pair, { cores, roundMs }),
  await unsealing(pair, { cores, roundMs }),
];
await measureRaw(); // warm up
await measureUnseal();
const rounds: { raw: Rate; unseal: Rate }[] = [];
for (let round = 0; round < ROUNDS; round++)
  rounds.push({ raw: await measureRaw(), unseal: await measureUnseal() });

const of = (pick: (round: { raw: Rate; unseal: Rate }) => number, digits: number) =>
  median(rounds.map(pick)).toFixed(digits);
const ratio = of(({ raw, unseal }) => unseal.perSecond / raw.perSecond, 3);
console.log(`node ${process.version}, ${cores} cores, ${ROUNDS} rounds of ${roundMs} ms each, medians`);
console.log(
  `raw RSA-OAEP-4096: ${of(({ raw }) => raw.perSecond, 0)} per second, ${of(({ raw }) => raw.cpuMs, 3)} ms of CPU each`,
);
console.log(
  `unsealSecret:      ${of(({ unseal }) => unseal.perSecond, 0)} per second, ${of(({ unseal }) => unseal.cpuMs, 3)} ms of CPU each`,
);
console.log(
  `ratio:             ${ratio} (aim ${AIM}: ${Number(ratio) >= AIM ? 'reached' : 'missed'}), by CPU time ${of(({ raw, unseal }) => raw.cpuMs / unseal.cpuMs, 3)}`,
);

import { availableParallelism } from 'node:os';
import { importKeyPair } from '@fuin/crypto-core';
import { readVector } from '../../vectors/read.ts';
import { type Rate, rawRsa } from '../support/figures/raw-rsa.ts';
import { printTable } from '../support/figures/report.ts';
import { median } from '../support/figures/statistics.ts';
import { unsealing } from '../support/figures/unsealing.ts';

/**
 * `node test/bench/values/unseal.ts [seconds per round]`: how many SealedSecrets of one value a process opens
 * per second, against the raw RSA rate of the same machine in the same run. Short rounds alternate, so that
 * other work on the machine hits both; CPU time per operation hardly depends on it at all.
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

const of = (pick: (round: { raw: Rate; unseal: Rate }) => number) => median(rounds.map(pick));
console.log(`node ${process.version}, ${cores} cores, ${ROUNDS} rounds of ${roundMs} ms each, medians`);
printTable([
  {
    work: 'SealedSecrets of one value opened per second',
    ours: of(({ unseal }) => unseal.perSecond).toFixed(0),
    against: `raw RSA-OAEP-4096 ${of(({ raw }) => raw.perSecond).toFixed(0)}`,
    ratio: of(({ raw, unseal }) => unseal.perSecond / raw.perSecond),
    aim: { atLeast: AIM },
  },
  {
    work: '  by CPU time of each',
    ours: `${of(({ unseal }) => unseal.cpuMs).toFixed(3)} ms`,
    against: `raw RSA-OAEP-4096 ${of(({ raw }) => raw.cpuMs).toFixed(3)} ms`,
    ratio: of(({ raw, unseal }) => raw.cpuMs / unseal.cpuMs),
  },
]);

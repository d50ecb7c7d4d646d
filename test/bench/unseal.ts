import { availableParallelism } from 'node:os';
import {
  encryptionLabel,
  importKeyPair,
  type KeyPair,
  KeyRing,
  parseEnvelope,
  type SealedSecret,
  sealSecret,
  sealValue,
  unsealSecret,
} from '@fuin/crypto-core';
import { readVector } from '../vectors/read.ts';

/**
 * `node test/bench/unseal.ts [seconds per round]`: how many SealedSecrets of one value a process opens per second,
 * against the raw RSA rate of the same machine in the same run. Short rounds alternate, so that other work on the
 * machine hits both; CPU time per operation hardly depends on it at all.
 */
const AIM = 0.9;
const ROUNDS = 21;
const OBJECTS = 64;
const cores = availableParallelism();
const roundMs = Number(process.argv[2] ?? 0.5) * 1000;

interface Rate {
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** Keeps `atOnce` operations under way for one round; gives their number per second and the CPU time of each. */
async function rate(atOnce: number, operation: (turn: number) => Promise<unknown>): Promise<Rate> {
  let done = 0;
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const work = async (worker: number) => {
    for (let turn = worker; performance.now() - start < roundMs; turn += atOnce) {
      await operation(turn);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => work(worker)));
  const { user, system } = process.cpuUsage(cpuStart);
  return { perSecond: (done / (performance.now() - start)) * 1000, cpuMs: (user + system) / 1000 / done };
}

/** The floor: RSA-OAEP decryption and nothing else, one imported key per core. */
async function rawRsa(pair: KeyPair): Promise<() => Promise<Rate>> {
  const label = encryptionLabel('strict', 'bench', 'raw');
  const { wrappedKey } = parseEnvelope(await sealValue(new Uint8Array(32), pair.publicKey, label));
  const oaep = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const importing = Array.from({ length: cores }, () =>
    crypto.subtle.importKey('pkcs8', pair.pkcs8, oaep, false, ['decrypt']),
  );
  const keys = await Promise.all(importing);
  const decrypt = (turn: number) =>
    crypto.subtle.decrypt({ name: 'RSA-OAEP', label }, keys[turn % cores] as CryptoKey, wrappedKey);
  return () => rate(2 * cores, decrypt);
}

async function unsealing(pair: KeyPair): Promise<() => Promise<Rate>> {
  const seal = (_: unknown, index: number): Promise<SealedSecret> =>
    sealSecret(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `object-${index}`, namespace: 'bench' },
        stringData: { password: 'correct horse battery staple' },
      },
      pair.publicKey,
    );
  const objects = await Promise.all(Array.from({ length: OBJECTS }, seal));
  const ring = KeyRing.of(pair);
  return () => rate(2 * cores, (turn) => unsealSecret(objects[turn % OBJECTS] as SealedSecret, ring));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const pair = await importKeyPair(readVector('kubeseal/a.pkcs1.key'), { copies: cores });
const [measureRaw, measureUnseal] = [await rawRsa(pair), await unsealing(pair)];
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

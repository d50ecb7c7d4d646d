import { parseArgs } from 'node:util';
import { KEY_ANNOTATIONS, KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { openGoogleWrapper } from '../../packages/cloud/src/google/google-wrapper.ts';
import { type FakeGoogle, startFakeGoogle } from '../../packages/cloud/src/testing/fake-google.ts';
import { wrapSecretData } from '../../packages/cloud/src/wrapped-secret.ts';
import { ours } from './support/contenders.ts';
import { formatMiB, formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';
import { type BenchKey, benchKeys } from './support/keys.ts';
import { sealObjects } from './support/objects.ts';
import { createBeforehand, type Figures, restart, type Task, unsealCold } from './support/scenarios.ts';
import { withWorld } from './support/world.ts';

/**
 * `node test/bench/wrapped-keys.ts [--short]`: a restart with sealing keys that a key service wraps, against
 * one with the same keys in the clear, and the memory at rest of both. The service is a stand-in for Google
 * Cloud KMS that thinks about each call for as long as a region next door.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short ? { objects: 50, keys: 4, rounds: 1 } : { objects: 500, keys: 24, rounds: 3 };
const CALL_MS = 20;

const keys = await benchKeys(SIZES.keys);
const objects = await sealObjects({
  count: SIZES.objects,
  keyOf: (index) => keys[index % keys.length] ?? missing(),
});
const google = await startFakeGoogle();
google.delayMs = CALL_MS;
const env = envOf(google);

await withWorld(async (world) => {
  const prepare = async (isWrapped: boolean): Promise<Task> => {
    const extra = isWrapped ? { args: [`--key-wrapper=gcp-kms:${google.key}`], env } : {};
    const contender = await ours(world, isWrapped ? [] : keys, extra);
    const { client, home } = contender.world;
    if (isWrapped) {
      for (const key of keys.toReversed())
        await client.create(`/api/v1/namespaces/${home}/secrets`, await wrapped(key, home));
    }
    const task = { contender, objects };
    await createBeforehand(task);
    await unsealCold(task);
    return task;
  };
  const [plain, locked] = [await prepare(false), await prepare(true)];
  const rounds: { plain: Figures; locked: Figures; calls: number }[] = [];
  for (let round = 0; round < SIZES.rounds; round++) {
    const before = google.keyRequests;
    const run = { plain: await restart(plain), locked: await restart(locked) };
    rounds.push({ ...run, calls: google.keyRequests - before });
  }
  printTable(rowsOf(rounds));
});
await google.close();

/** The key Secret with its private key wrapped, as the controller makes it. */
async function wrapped({ keyPair, secret }: BenchKey, namespace: string) {
  const wrapper = openGoogleWrapper(google.key, { env });
  const name = `${secret.metadata.name}-wrapped`;
  const context = { namespace, name, fingerprint: keyPair.id };
  const data = await wrapSecretData(Object(secret['data']) as Record<string, string>, context, wrapper);
  await wrapper.close();
  const annotations = { [KEY_ANNOTATIONS.fingerprint]: keyPair.id };
  const metadata = { name, labels: { [SEALING_KEY_LABEL]: 'active' }, annotations };
  return { apiVersion: 'v1', kind: 'Secret', type: KEY_TYPES.wrapped, metadata, data };
}

function envOf({ url, tokens }: FakeGoogle): Record<string, string> {
  tokens.add('bench');
  return { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: url, GOOGLE_OAUTH_ACCESS_TOKEN: 'bench' };
}

function rowsOf(rounds: readonly { plain: Figures; locked: Figures; calls: number }[]): Row[] {
  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick));
  const calls = of((round) => round.calls);
  const budget = CALL_MS * SIZES.keys;
  return [
    {
      work: `restart with ${SIZES.objects} in sync, ${SIZES.keys} wrapped keys`,
      ours: formatMs(of(({ locked }) => locked.ms)),
      against: `plain ${formatMs(of(({ plain }) => plain.ms))} and a call of ${CALL_MS} ms for each key`,
      ratio: of(({ plain, locked }) => locked.ms / (plain.ms + budget)),
      aim: { atMost: 1.2 },
    },
    {
      work: '  calls for each key',
      ours: String(calls),
      against: `${SIZES.keys} keys`,
      ratio: calls / SIZES.keys,
      aim: { atMost: 1 },
    },
    {
      work: '  memory at rest',
      ours: formatMiB(of(({ locked }) => locked.memory.nowMiB)),
      against: `plain ${formatMiB(of(({ plain }) => plain.memory.nowMiB))}`,
      ratio: of(({ plain, locked }) => locked.memory.nowMiB / plain.memory.nowMiB),
    },
  ];
}

function missing(): never {
  throw new Error('no key');
}

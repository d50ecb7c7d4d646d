import { expect, it } from 'vitest';
import { reply, serve } from '../../../kube/src/testing/scripted-server.ts';
import { createMetrics } from '../metrics.ts';
import { watchSecrets } from './watches.ts';

const CANARY = 'canary-7f3a';

it('Secrets are asked for without their data, and of one that comes with it nothing but the identity is kept', async () => {
  const identity = { namespace: 'blue', name: 'db', uid: 'u', resourceVersion: '7' };
  const metadata = { ...identity, labels: { a: CANARY }, annotations: { b: CANARY } };
  const accepted: (string | undefined)[] = [];
  const { client } = await serve(({ url, headers }, response) => {
    accepted.push(headers.accept);
    if (url?.includes('watch=true')) response.writeHead(200).flushHeaders();
    else
      reply(response, 200, {
        metadata: { resourceVersion: '7' },
        items: [{ metadata, data: { c: CANARY } }],
      });
  });
  const watch = watchSecrets(
    {
      client,
      namespace: 'home',
      config: {
        additionalNamespaces: undefined,
        watchesSecrets: true,
        labelSelector: '',
        relistPeriodMs: 3_600_000,
        idleLimitMs: 3_600_000,
      },
      logger: { log: () => undefined },
      metrics: createMetrics('test'),
    },
    () => undefined,
    () => undefined,
  );
  const stop = new AbortController();
  await watch.start(stop.signal).every;
  await expect.poll(() => accepted.length).toBe(2); // the list, then the watch
  stop.abort();
  for (const accept of accepted) expect(accept).toMatch(/^application\/json;as=PartialObjectMetadata/);
  expect(watch.get(identity)).toEqual({ metadata: identity });
});

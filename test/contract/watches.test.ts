import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../support/api/watch-events.ts';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap } from './contract.ts';
import { answers } from './older-kubernetes.ts';

const contract = useCluster();

const summary = ({ type, object }: WatchEvent): string => `${type} ${object.metadata.name}`;
const isBookmark = ({ type }: WatchEvent): boolean => type === 'BOOKMARK';

describe('watch', () => {
  it('tells what happens after a resourceVersion, each with its new version', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/configmaps`, configMap('a', { k: '1' }));
    const watch = await contract.client.watch(
      `${path}/configmaps?resourceVersion=${created.metadata.resourceVersion}`,
    );
    const updated = await contract.client.update(`${path}/configmaps/a`, { ...created, data: { k: '2' } });
    await contract.client.create(`${path}/configmaps`, configMap('b'));
    await contract.client.delete(`${path}/configmaps/a`);
    const events = await watch.until(({ type }) => type === 'DELETED');
    watch.close();
    expect(events.map(summary)).toEqual(['MODIFIED a', 'ADDED b', 'DELETED a']);
    expect(events[0]?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { k: '2' } });
    expect(events[0]?.object.metadata.resourceVersion).toBe(updated.metadata.resourceVersion);
    expect(Number(events[2]?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(events[1]?.object.metadata.resourceVersion),
    );
  });

  it('replays what happened since a resourceVersion', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.list(`${path}/configmaps`);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    await contract.client.delete(`${path}/configmaps/a`);
    const watch = await contract.client.watch(
      `${path}/configmaps?resourceVersion=${metadata.resourceVersion}`,
    );
    const events = await watch.until(({ type }) => type === 'DELETED');
    watch.close();
    expect(events.map(summary)).toEqual(['ADDED a', 'DELETED a']);
  });

  it.each(['', 'resourceVersion=0'])('begins with the state given %j', async (query) => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    await contract.client.list(`${path}/configmaps`);
    const watch = await contract.client.watch(`${path}/configmaps?${query}`);
    expect(summary((await watch.next()) as WatchEvent)).toBe('ADDED a');
    watch.close();
  });

  it('streams the state and marks its end when asked for initial events, or refuses to', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('b'));
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watching = contract.client.watch(`${path}/configmaps?${query}`);
    if (!answers.streamsState) return expect(watching).rejects.toMatchObject({ code: 422 });
    const watch = await watching;
    const events = await watch.until(isBookmark);
    expect(events.slice(0, -1).map(summary).sort()).toEqual(['ADDED a', 'ADDED b']);
    const mark = events.at(-1)?.object;
    expect(mark).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
    expect(Number(mark?.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
    await contract.client.create(`${path}/configmaps`, configMap('c'));
    expect(summary((await watch.next()) as WatchEvent)).toBe('ADDED c');
    watch.close();
  });

  it('refuses initial events without resourceVersionMatch', async () => {
    const { path } = await freshNamespace(contract.client);
    await expect(contract.client.watch(`${path}/configmaps?sendInitialEvents=true`)).rejects.toMatchObject({
      code: 422,
    });
  });

  it('turns changes of a label into ADDED and DELETED for a selector', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.create(
      `${path}/configmaps`,
      configMap('a', {}, { labels: { seen: 'no' } }),
    );
    const watch = await contract.client.watch(
      `${path}/configmaps?labelSelector=seen%3Dyes&resourceVersion=${metadata.resourceVersion}`,
    );
    await contract.client.patch(`${path}/configmaps/a`, 'merge', { metadata: { labels: { seen: 'yes' } } });
    await contract.client.patch(`${path}/configmaps/a`, 'merge', { data: { k: 'v' } });
    await contract.client.patch(`${path}/configmaps/a`, 'merge', { metadata: { labels: { seen: 'no' } } });
    const events = await watch.until(({ type }) => type === 'DELETED');
    watch.close();
    expect(events.map(summary)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  it('follows one object by name', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.list(`${path}/configmaps`);
    const watch = await contract.client.watch(
      `${path}/configmaps?fieldSelector=metadata.name%3Db&resourceVersion=${metadata.resourceVersion}`,
    );
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    await contract.client.create(`${path}/configmaps`, configMap('b'));
    expect(summary((await watch.next()) as WatchEvent)).toBe('ADDED b');
    watch.close();
  });

  it('follows all namespaces', async () => {
    const { name, path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.list(`${path}/configmaps`);
    const watch = await contract.client.watch(
      `/api/v1/configmaps?resourceVersion=${metadata.resourceVersion}`,
    );
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    const events = await watch.until(({ object }) => object.metadata.namespace === name);
    watch.close();
    expect(events.length).toBeGreaterThan(0);
  });

  it('ends after timeoutSeconds', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.list(`${path}/configmaps`);
    const watch = await contract.client.watch(
      `${path}/configmaps?timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`,
    );
    expect(await watch.next()).toBeUndefined();
  });

  it('sends a bookmark before it ends when others have written since', async () => {
    const { path } = await freshNamespace(contract.client);
    const other = await freshNamespace(contract.client);
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('a'));
    const query = `timeoutSeconds=5&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`;
    const watch = await contract.client.watch(`${path}/configmaps?${query}`);
    const written = await contract.client.create(`${other.path}/configmaps`, configMap('b'));
    const [bookmark] = await watch.until(isBookmark);
    watch.close();
    expect(bookmark?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
      Number(written.metadata.resourceVersion),
    );
  });

  it('shows events as Table when asked', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    const answer = contract.client.request('GET', `${path}/configmaps?watch=true&timeoutSeconds=1`, {
      accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
    });
    const [line = ''] = (await answer).text.split('\n');
    const event = JSON.parse(line) as WatchEvent;
    expect(event).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Table', rows: [{ object: { metadata: { name: 'a' } } }] },
    });
  });
});

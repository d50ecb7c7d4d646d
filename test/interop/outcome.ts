import type { ApiObject } from '../support/api/types.ts';
import { sealedPath, secretPath, statusOf, syncedOf } from '../support/objects.ts';
import type { Scene } from '../support/scene.ts';

/** What anyone can see of a SealedSecret after a while, without what differs from run to run. */
export interface Outcome {
  /** undefined where there is no Secret. */
  readonly secret: Readonly<Record<string, unknown>> | undefined;
  /** undefined where the SealedSecret is gone or was never looked at. */
  readonly synced: { readonly status: string; readonly message: string } | undefined;
  /** Type, reason and message of each event, once each and sorted. */
  readonly events: readonly string[];
}

/** Reads what can be seen now. */
export async function readOutcome({ world: { client }, namespace, name }: Scene): Promise<Outcome> {
  const [secret, sealed, events] = await Promise.all([
    client.request('GET', secretPath(namespace, name)),
    client.request('GET', sealedPath(namespace, name)),
    client.list(
      `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.kind=SealedSecret,involvedObject.name=${name}`,
    ),
  ]);
  const uid = sealed.body.metadata.uid;
  const plain = (text: unknown) => inOrder(String(text).replaceAll(namespace, 'NAMESPACE'));
  const { conditions } = statusOf(sealed.body);
  const synced = syncedOf(conditions);
  const lines = events.items.map(
    (event) => `${event['type']} ${event['reason']}: ${plain(event['message'])}`,
  );
  return {
    secret: secret.code === 200 ? contentOf(secret.body, uid, namespace) : undefined,
    synced: synced && { status: synced.status, message: plain(synced.message ?? '') },
    events: [...new Set(lines)].sort(),
  };
}

/** Upstream tells of several failing items in random order. */
function inOrder(text: string): string {
  const [, intro = '', rest = ''] = /^(Failed to unseal: )?(.*)$/s.exec(text) ?? [];
  const items = (list: string) => list.split(', ').sort().join(', ');
  const lines = rest
    .split('\n')
    .map((line) => line.replace(/(?<=^no key could decrypt secret \()[^()]*/, items));
  return intro + lines.sort().join('\n');
}

function contentOf({ metadata, ...secret }: ApiObject, uid: string | undefined, namespace: string) {
  const { labels = {}, annotations = {}, finalizers = [], ownerReferences = [] } = metadata;
  const owners = ownerReferences.map((owner) => ({
    ...owner,
    uid: owner.uid === uid ? 'of the SealedSecret' : 'another',
  }));
  const { type, immutable = false, data = {} } = secret;
  const texts = Object.entries(annotations).map(([name, text]) => [
    name,
    text.replaceAll(namespace, 'NAMESPACE'),
  ]);
  return { type, immutable, data, labels, annotations: Object.fromEntries(texts), finalizers, owners };
}

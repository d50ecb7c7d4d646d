import { isNamespaceName, isObjectName } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import { jsonOf, refusal } from './remote/store-server.ts';
import { loadedFrom } from './secret-object.ts';
import type { Store } from './store.ts';

/** A Secret in the cluster of the context. */
export const LIVE_SECRET: Store = {
  usage: 'secret:[NAMESPACE/]NAME',
  summary: 'A Secret in the cluster of the context',
  check: (name) => void placeOf(name),
  load: async (reference, { io, kubeconfig, requestTimeout, namespace: asked, warn }) => {
    const { name, namespace: own } = placeOf(reference);
    const namespace = own || asked || (await kubeconfig.namespace());
    const { connectCluster } = await import('../../controller/cluster.ts');
    const access = await kubeconfig.access();
    const cluster = await connectCluster(access, { io, requestTimeout });
    try {
      const context = access.contextName === '' ? '' : ` of context ${access.contextName}`;
      const origin = `Secret ${namespace}/${name}${context}`;
      const answer = await cluster.send(
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`,
      );
      if (answer.status !== 200)
        throw refusal(answer, origin, {
          401: 'log in again, or choose other credentials with --context, --user or --token',
          403: `you need the right to get the Secret: kubectl auth can-i get secret/${name} -n ${namespace}`,
          404: 'there is no such Secret; NAMESPACE/NAME, --namespace and --context say which one is read',
        });
      return loadedFrom(jsonOf(answer, origin), origin, warn);
    } finally {
      await cluster.close();
    }
  },
};

function placeOf(reference: string): { readonly namespace: string; readonly name: string } {
  const [name = '', namespace = '', ...more] = reference.split('/').reverse();
  const isPlace = more.length === 0 && isObjectName(name);
  if (isPlace && (reference.includes('/') ? isNamespaceName(namespace) : true)) return { namespace, name };
  throw usageError('secret: needs [NAMESPACE/]NAME of a Secret', 'such as secret:shop/db');
}

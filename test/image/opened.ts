import type { ApiClient } from '../support/api/api-client.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import { freshNamespace } from '../support/cluster/use-cluster.ts';
import { eventually } from '../support/time/eventually.ts';

/**
 * Data of the Secret that a controller makes of the password `hunter2`, sealed for the certificate that it
 * serves.
 *
 * @param url of the controller
 * @param data templates of more items
 */
export async function openedData(
  client: ApiClient,
  url: string,
  data: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const answer = await fetch(`${url}/v1/cert.pem`);
  const { name: namespace, path } = await freshNamespace(client);
  const sealed = await sealTexts(await answer.text(), { namespace, name: 'db' }, { password: 'hunter2' });
  const spec = sealed['spec'] as { template?: object };
  spec.template = { ...spec.template, data };
  await client.create(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`, sealed);
  const secret = await eventually('the Secret', async () => {
    const found = await client.request('GET', `${path}/secrets/db`);
    return found.code === 200 ? found.body : undefined;
  });
  return secret['data'];
}

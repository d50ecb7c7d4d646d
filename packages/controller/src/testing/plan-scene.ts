import { type ObjectMeta, parseSealedSecret, type Secret } from '@fuin/crypto-core';
import { desiredSecret } from '../reconcile/secret/desired.ts';
import { type PlanRequest, planSecret } from '../reconcile/secret/plan.ts';

/** Prefix of the names of annotations and labels. */
export const P = 'sealedsecrets.bitnami.com/';
/** The SealedSecret of the plan. */
const SEALED = parseSealedSecret({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { name: 'db', namespace: 'blue', uid: 'u1', labels: { outer: 'x' }, annotations: { outer: 'x' } },
  spec: { encryptedData: {} },
});
/** The owner reference to it. */
export const OWNER = {
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  name: 'db',
  uid: 'u1',
  controller: true,
};
/** An owner reference to something else. */
export const POD = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p1' };
/** The annotation of a template that asks for no owner. */
export const SKIP = { [`${P}skip-set-owner-references`]: 'true' };
/** Metadata of a Secret that this SealedSecret created without owner. */
export const LOOSE = { ownerReferences: [], annotations: { ...SKIP, [`${P}written-for`]: 'blue/db' } };

const opened = (parts: Partial<Secret> = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {},
  data: { password: 'cw==' },
  ...parts,
});
/** What the SealedSecret asks for. */
export const desired = (parts: Partial<Secret> = {}) => desiredSecret(SEALED, opened(parts));
/** The Secret that it created, unless `parts` and `metadata` say otherwise. */
export const live = (parts: Partial<Secret> = {}, metadata: Partial<ObjectMeta> = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'db',
    namespace: 'blue',
    uid: 's1',
    resourceVersion: '7',
    ownerReferences: [OWNER],
    ...metadata,
  },
  type: 'Opaque',
  data: { password: 'cw==' },
  ...parts,
});
/** The planned action. */
export const plan = (
  want: Secret,
  actual: Secret | undefined,
  options: Partial<
    Pick<PlanRequest, 'isSettled' | 'additions' | 'allowsTokenSecrets' | 'allowsSealingKeys' | 'sealingKeys'>
  > = {},
) =>
  planSecret({
    sealedSecret: SEALED,
    desired: want,
    actual,
    isSettled: false,
    allowsTokenSecrets: false,
    sealingKeys: { namespace: 'keys', legacyName: 'sealed-secrets-key' },
    ...options,
  });
/** The Secret that is written. @throws Error if none is */
export const updated = (want: Secret, actual: Secret, options: Parameters<typeof plan>[2] = {}): Secret => {
  const action = plan(want, actual, options);
  if (action.kind !== 'update') throw new Error(`planned ${JSON.stringify(action)}`);
  return action.secret;
};

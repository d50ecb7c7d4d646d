// Over 200 lines: one reconcile from start to end.
import {
  type KeyRing,
  parseSealedSecret,
  type RenderTemplates,
  type SealedSecret,
  SealedSecretsError,
  type Secret,
  scopeOf,
  unsealSecret,
} from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import type { AuditTrail } from '../audit/trail.ts';
import type { Additions } from '../config/config.ts';
import type { SignerGate } from '../signers/signer-gate.ts';
import { explainFailure, type RemovedKeyWords } from './explain-failure.ts';
import type { Repairs } from './repairs.ts';
import type { Reporter, Result } from './reporter.ts';
import { desiredSecret } from './secret/desired.ts';
import { planSecret } from './secret/plan.ts';
import type { Prohibitions } from './secret/prohibitions.ts';
import { type SecretStore, secretVersion } from './secret/secret-store.ts';
import { lacksAdditions } from './secret/target.ts';
import { keepRendered } from './secret/written.ts';
import { refuseStaleSealedSecret, type StaleCacheDeps } from './stale-cache.ts';
import type { Remarks } from './status/conditions.ts';
import { isReportedSynced, isUnchanged, type Observation } from './status/last-unseal.ts';
import { expiredItems, listOfItems, refuseByRules, type ValueRules } from './value-rules.ts';

/** What bringing a Secret in sync needs. */
export interface SyncDeps extends Prohibitions, StaleCacheDeps, ValueRules {
  readonly secrets: SecretStore;
  /** `removed` says in words what is known of keys that are not in the ring. */
  readonly keys: { readonly keyRing: KeyRing; readonly removed?: RemovedKeyWords };
  readonly reporter: Reporter;
  readonly repairs: Pick<Repairs, 'note' | 'forget'>;
  /** Renders the templates of one namespace. A namespace whose templates stall must not delay the others. */
  readonly renderTemplates: (namespace: string) => RenderTemplates;
  readonly acceptV1Data: boolean;
  readonly now: () => Date;
  readonly driftPolicy: 'repair' | 'warn' | 'off';
  readonly additions?: Additions | undefined;
  /** Undefined if no namespace needs signatures. */
  readonly signers?: Pick<SignerGate, 'check' | 'forget'> | undefined;
  readonly audit?: AuditTrail | undefined;
}

/** A reconcile that succeeded. */
export interface Pass {
  readonly observation: Observation;
  readonly result: Result;
  /** False if everything was known to be in sync already. */
  readonly isNews: boolean;
}

/** Gathers, decides, applies. Decrypts nothing if neither side has changed since the last success. */
export async function syncSecret(key: ObjectKey, object: KubeObject, deps: SyncDeps): Promise<Pass> {
  const now = deps.now();
  const unsigned = (await deps.signers?.check(key, object, now)) ?? '';
  refuseByRules(object, deps, now);
  return syncAccepted(key, object, deps, { expired: listOfItems(expiredItems(object, now)), unsigned });
}

async function syncAccepted(
  key: ObjectKey,
  object: KubeObject,
  deps: SyncDeps,
  remarks: Remarks,
): Promise<Pass> {
  const known = deps.lastUnseals.of(key, object);
  const version = deps.secrets.knownVersion(key);
  // a status does not record the flags: Secrets of another process may lack the labels that all Secrets must
  // have
  const isDressed = deps.additions === undefined || deps.lastUnseals.isNoted(key);
  if (known && version && isDressed && isUnchanged(known, version)) return unchanged(known, remarks);
  const actual = version === 'absent' ? undefined : await deps.secrets.read(key);
  const isLeftAlone = known && actual && isUnchanged(known, secretVersion(actual));
  if (isLeftAlone && isDressed) return unchanged(known, remarks);
  const sealedSecret = parseSealedSecret(object);
  if (isLeftAlone && !lacksAdditions({ sealedSecret, additions: deps.additions }, actual))
    return unchanged(known, remarks);
  const opened = await unsealSecret(sealedSecret, deps.keys.keyRing, {
    renderTemplates: deps.renderTemplates(key.namespace),
    hints: deps.lastUnseals.hints(key, object),
    acceptV1Data: deps.acceptV1Data,
  }).catch(async (error: unknown) => {
    throw await explainFailure(error, sealedSecret, deps.keys.keyRing, {
      removed: deps.keys.removed,
      lastKeys: deps.lastUnseals.lastKeys(key, object),
    });
  });
  deps.audit?.record({
    kind: 'sealedsecret.opened',
    about: { kind: 'SealedSecret', object },
    items: [...opened.openedBy.keys()],
    keys: [...new Set(opened.openedBy.values())],
  });
  const isKnown = known !== undefined && !isLeftAlone;
  const isSettled = known !== undefined || isReportedSynced(object);
  const rendered = desiredSecret(sealedSecret, opened.secret);
  const desired =
    actual && isApplied(key, object, deps) ? keepRendered(rendered, actual, sealedSecret) : rendered;
  const { secret, result, isLeft } = await apply(
    { key, object, sealedSecret, desired, actual, isSettled, isKnown },
    deps,
  );
  if (isKnown && actual)
    deps.repairs.note(key, actual.metadata.resourceVersion, secret.metadata.resourceVersion);
  const observation = { ...observe(object, secret, opened.openedBy), ...remarks };
  return { observation, result, isNews: isWorthReporting(isLeft, known, remarks) };
}

/** Whether a success must be reported: something was done, or there is something new to remark. */
function isWorthReporting(
  isLeft: boolean,
  known: Observation | undefined,
  { expired, unsigned }: Remarks,
): boolean {
  return !isLeft || known?.expired !== expired || known.unsigned !== unsigned;
}

function unchanged(known: Observation, remarks: Remarks): Pass {
  return {
    observation: { ...known, ...remarks },
    result: 'unchanged',
    isNews: isWorthReporting(true, known, remarks),
  };
}

/**
 * Whether this version of the object was applied, as far as is known. The status counts only if there is no
 * memory.
 */
function isApplied(key: ObjectKey, object: KubeObject, { lastUnseals }: SyncDeps): boolean {
  const last = lastUnseals.last(key, object);
  return last ? last.generation === object.metadata.generation : isReportedSynced(object);
}

interface Application {
  readonly key: ObjectKey;
  readonly object: KubeObject;
  readonly sealedSecret: SealedSecret;
  readonly desired: Secret;
  readonly actual: Secret | undefined;
  /** What others added to the Secret's metadata stays, even if another controller applied this version. */
  readonly isSettled: boolean;
  /**
   * This version was in sync before. Only then is a difference the work of something else, and not a pending
   * change.
   */
  readonly isKnown: boolean;
}

interface Applied {
  /** The Secret as it is afterwards. */
  readonly secret: Secret;
  readonly result: Result;
  /** True if a difference was found and left alone. */
  readonly isLeft: boolean;
}

async function apply(application: Application, deps: SyncDeps): Promise<Applied> {
  const { key, object, desired, actual = desired, isKnown } = application;
  const { sealingKeys, allowsTokenSecrets, allowsSealingKeys, additions } = deps;
  const rules = { sealingKeys, allowsTokenSecrets, allowsSealingKeys, additions };
  const action = planSecret({ ...application, ...rules });
  if (action.kind === 'create' || action.kind === 'update') {
    await deps.signers?.check(key, object, deps.now()); // who may sign may have changed since
    await refuseStaleSealedSecret(
      key,
      object,
      application.actual ? secretVersion(application.actual) : 'absent',
      deps,
    );
  }
  switch (action.kind) {
    case 'create':
      return create(action.secret, application, deps);
    case 'none':
      return { secret: actual, result: 'unchanged', isLeft: false };
    case 'refuse':
      throw action.error;
    case 'update': {
      const isLeft = isKnown && deps.driftPolicy === 'warn';
      if (isKnown) deps.reporter.reportDrift(object, isLeft ? 'warn' : 'repair');
      if (isLeft) return { secret: actual, result: 'unchanged', isLeft };
      return { secret: await deps.secrets.replace(action.secret), result: 'updated', isLeft };
    }
  }
}

/**
 * The cache may not know yet that such a Secret exists. If the server reports one, the live Secret counts.
 */
async function create(secret: Secret, application: Application, deps: SyncDeps): Promise<Applied> {
  try {
    return { secret: await deps.secrets.create(secret), result: 'created', isLeft: false };
  } catch (error) {
    if (!(error instanceof SealedSecretsError && error.code === 'ERR_CONFLICT')) throw error;
    const actual = await deps.secrets.read(application.key);
    if (!actual) throw error;
    return apply({ ...application, actual }, deps);
  }
}

function observe(
  { metadata }: KubeObject,
  secret: Secret,
  openedBy: ReadonlyMap<string, string>,
): Omit<Observation, keyof Remarks> {
  const { uid, resourceVersion } = secretVersion(secret);
  return {
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    scope: scopeOf(metadata.annotations),
    secretUid: uid,
    secretResourceVersion: resourceVersion,
    openedBy,
  };
}

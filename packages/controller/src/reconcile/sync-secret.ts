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
import type { Additions } from '../config/config.ts';
import type { Repairs } from './repairs.ts';
import type { Reporter, Result } from './reporter.ts';
import { desiredSecret } from './secret/desired.ts';
import { planSecret } from './secret/plan.ts';
import type { Prohibitions } from './secret/prohibitions.ts';
import { type SecretStore, secretVersion } from './secret/secret-store.ts';
import { lacksAdditions } from './secret/target.ts';
import { keepRendered } from './secret/written.ts';
import { type PresentDeps, refuseStaleSealedSecret } from './stale-cache.ts';
import { isReportedSynced, isUnchanged, type Observation } from './status/last-unseal.ts';

/** What bringing a Secret in line needs. */
export interface InLineDeps extends Prohibitions, PresentDeps {
  readonly secrets: SecretStore;
  readonly keys: { readonly keyRing: KeyRing };
  readonly reporter: Reporter;
  readonly repairs: Pick<Repairs, 'note' | 'forget'>;
  /** Templates of one namespace; a namespace whose templates stall must not hold up the others'. */
  readonly renderTemplates: (namespace: string) => RenderTemplates;
  readonly acceptV1Data: boolean;
  readonly driftPolicy: 'repair' | 'warn' | 'off';
  readonly additions?: Additions | undefined;
}

/** A pass that succeeded. */
export interface Pass {
  readonly observation: Observation;
  readonly result: Result;
  /** False when everything was known to be in line already. */
  readonly isNews: boolean;
}

/** Gathers, decides, applies. Opens nothing when neither side has changed since the last success. */
export async function syncSecret(key: ObjectKey, object: KubeObject, deps: InLineDeps): Promise<Pass> {
  const known = deps.observations.of(key, object);
  const version = deps.secrets.knownVersion(key);
  // a status does not say what the flags were: Secrets of another process may lack what is to be on all of them
  const isDressed = deps.additions === undefined || deps.observations.isNoted(key);
  if (known && version && isDressed && isUnchanged(known, version)) return unchanged(known);
  const actual = version === 'absent' ? undefined : await deps.secrets.read(key);
  const isLeftAlone = known && actual && isUnchanged(known, secretVersion(actual));
  if (isLeftAlone && isDressed) return unchanged(known);
  const sealedSecret = parseSealedSecret(object);
  if (isLeftAlone && !lacksAdditions({ sealedSecret, additions: deps.additions }, actual))
    return unchanged(known);
  const opened = await unsealSecret(sealedSecret, deps.keys.keyRing, {
    renderTemplates: deps.renderTemplates(key.namespace),
    hints: deps.observations.hints(key, object),
    acceptV1Data: deps.acceptV1Data,
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
  return { observation: observe(object, secret, opened.openedBy), result, isNews: !isLeft };
}

function unchanged(observation: Observation): Pass {
  return { observation, result: 'unchanged', isNews: false };
}

/** Whether this version of the object was applied, as far as is known; a status is asked only where there is no memory. */
function isApplied(key: ObjectKey, object: KubeObject, { observations }: InLineDeps): boolean {
  const last = observations.last(key, object);
  return last ? last.generation === object.metadata.generation : isReportedSynced(object);
}

interface Application {
  readonly key: ObjectKey;
  readonly object: KubeObject;
  readonly sealedSecret: SealedSecret;
  readonly desired: Secret;
  readonly actual: Secret | undefined;
  /** What others added to the Secret's metadata is theirs to keep, also where another controller applied this version. */
  readonly isSettled: boolean;
  /** This version was seen in line: only then is a difference another hand's work, and not a change still to be made. */
  readonly isKnown: boolean;
}

interface Applied {
  /** The Secret as it is afterwards. */
  readonly secret: Secret;
  readonly result: Result;
  /** True when a difference was seen and left alone. */
  readonly isLeft: boolean;
}

async function apply(application: Application, deps: InLineDeps): Promise<Applied> {
  const { key, object, desired, actual = desired, isKnown } = application;
  const { sealingKeys, allowsTokenSecrets, allowsSealingKeys, additions } = deps;
  const rules = { sealingKeys, allowsTokenSecrets, allowsSealingKeys, additions };
  const action = planSecret({ ...application, ...rules });
  if (action.kind === 'create' || action.kind === 'update') {
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

/** The cache may not have seen yet that there is such a Secret: where the server says so, the live one counts. */
async function create(secret: Secret, application: Application, deps: InLineDeps): Promise<Applied> {
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
): Observation {
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

import { isTemplate } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import type { LaneLimits } from '@fuin/kube/workqueue';
import type { TemplateEngine } from '../reconcile/templates.ts';

/**
 * The kind of work that a reconcile is: ordinary; rendering templates; opening many values; for an object
 * whose last reconcile failed through its own fault; rendering templates of a namespace whose templates took
 * too long recently.
 */
export type Lane = 'ordinary' | 'templates' | 'large' | 'failed' | 'slow-templates';

/**
 * More values in one Secret are rare. An object has room for thousands, which keep a core busy for many
 * seconds.
 */
const MANY_VALUES = 32;

/** What the choice of a lane depends on. */
export interface LaneDeps {
  readonly sealedSecrets: { get(key: ObjectKey): KubeObject | undefined };
  readonly templates: Pick<TemplateEngine, 'isSlow'>;
  readonly hasFailed: (key: ObjectKey) => boolean;
}

/**
 * How many reconciles may be in progress at once: no namespace, and no kind of slow work, ever has all
 * workers.
 */
export function laneLimits(concurrency: number): Record<Lane, LaneLimits> {
  const share = (part: number) => Math.max(1, Math.floor(concurrency / part));
  return {
    ordinary: { perTenant: share(2), total: concurrency },
    // twice the threads: one reconcile renders, another reads and writes
    templates: { perTenant: 2, total: 4 },
    large: { perTenant: 1, total: share(8) },
    failed: { perTenant: 1, total: share(8) },
    'slow-templates': { perTenant: 1, total: 1 }, // all but one of the threads
  };
}

/**
 * The lane for an object as it is now. An object that cannot be read is ordinary: its reconcile reports what
 * is wrong.
 */
export function laneOf(key: ObjectKey, { sealedSecrets, templates, hasFailed }: LaneDeps): Lane {
  const object = sealedSecrets.get(key);
  const isRendering = hasTemplates(object);
  if (isRendering && templates.isSlow(key.namespace)) return 'slow-templates';
  // even if it failed: anyone who repairs a small one must not wait for it
  if (hasManyValues(object)) return 'large';
  if (hasFailed(key)) return 'failed';
  return isRendering ? 'templates' : 'ordinary';
}

function hasManyValues(object: KubeObject | undefined): boolean {
  try {
    const spec = object?.['spec'] as { readonly encryptedData?: unknown } | null | undefined;
    return Object.keys(spec?.encryptedData ?? {}).length > MANY_VALUES;
  } catch {
    return false;
  }
}

function hasTemplates(object: KubeObject | undefined): boolean {
  try {
    const spec = object?.['spec'] as
      | { readonly template?: { readonly data?: unknown } | null }
      | null
      | undefined;
    const texts = Object.values(spec?.template?.data ?? {});
    return texts.some(isTemplate);
  } catch {
    return false;
  }
}

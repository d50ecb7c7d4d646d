import { SealedSecretsError } from '@fuin/crypto-core';
import type { ApiClient, KubeObject, ObjectKey, ResourceType } from '../client/types.ts';
import type { MonotonicClock } from '../time/clock.ts';

const LEASES: ResourceType = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' };

/** What a claim on a Lease needs. */
export interface LeaseClaimOptions {
  readonly client: ApiClient;
  readonly lease: ObjectKey;
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly clock: MonotonicClock;
  readonly now: () => Date;
}

/** LeaseSpec of coordination.k8s.io/v1, as far as leader election uses it. */
interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/**
 * Reads and writes one Lease for one identity. Another holder counts as alive while its record keeps
 * changing, measured by the local clock. The times in the record are never compared, because the clocks of
 * machines differ.
 */
export class LeaseClaim {
  readonly #options: LeaseClaimOptions;
  #observedVersion: string | undefined;
  #observedMs = 0;

  constructor(options: LeaseClaimOptions) {
    this.#options = options;
  }

  /**
   * Creates, takes over or renews the Lease; false if another candidate holds it. @throws the errors of
   * ApiClient
   */
  async acquireOrRenew(): Promise<boolean> {
    const { client, lease, identity } = this.#options;
    try {
      const found = await client.get(LEASES, lease);
      if (!found) return await this.#create();
      const spec = specOf(found);
      this.#observe(found);
      const holder = spec.holderIdentity ?? '';
      if (holder !== '' && holder !== identity && !this.#hasExpired(spec)) return false;
      const isNew = holder !== identity;
      const transitions = spec.leaseTransitions ?? 0;
      await this.#write(found, {
        ...this.#held(isNew || spec.acquireTime === undefined ? this.#timestamp() : spec.acquireTime),
        leaseTransitions: isNew ? transitions + 1 : transitions,
      });
      return true;
    } catch (error) {
      // another candidate wrote first
      if (error instanceof SealedSecretsError && error.code === 'ERR_CONFLICT') return false;
      throw error;
    }
  }

  /**
   * Releases the Lease, so that the next holder need not wait. Does nothing if another candidate holds it.
   */
  async release(): Promise<void> {
    const { client, lease, identity } = this.#options;
    const found = await client.get(LEASES, lease);
    if (!found || specOf(found).holderIdentity !== identity) return;
    const now = this.#timestamp();
    const { leaseTransitions = 0 } = specOf(found);
    await this.#write(found, {
      ...{ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions },
      ...{ acquireTime: now, renewTime: now },
    });
  }

  async #create(): Promise<boolean> {
    const { client, lease } = this.#options;
    const created = await client.create(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: lease.namespace, name: lease.name },
      spec: { ...this.#held(this.#timestamp()), leaseTransitions: 0 },
    });
    this.#observe(created);
    return true;
  }

  /** The write carries the version that was read, so that only one of two candidates succeeds. */
  async #write(found: KubeObject, spec: LeaseSpec): Promise<void> {
    const written = await this.#options.client.replace(LEASES, { ...found, spec });
    this.#observe(written);
  }

  #held(acquireTime: string): LeaseSpec {
    const { identity, leaseDurationMs } = this.#options;
    const leaseDurationSeconds = Math.ceil(leaseDurationMs / 1000);
    return { holderIdentity: identity, leaseDurationSeconds, acquireTime, renewTime: this.#timestamp() };
  }

  #observe({ metadata }: KubeObject): void {
    if (metadata.resourceVersion === this.#observedVersion) return;
    this.#observedVersion = metadata.resourceVersion;
    this.#observedMs = this.#options.clock.now();
  }

  /** The holder's own duration counts: its settings may differ from ours. */
  #hasExpired(spec: LeaseSpec): boolean {
    const holderMs = (spec.leaseDurationSeconds ?? 0) * 1000;
    const durationMs = Math.max(holderMs, this.#options.leaseDurationMs);
    return this.#options.clock.now() - this.#observedMs >= durationMs;
  }

  /** MicroTime: six digits of a second. */
  #timestamp(): string {
    return this.#options.now().toISOString().replace('Z', '000Z');
  }
}

function specOf(lease: KubeObject): LeaseSpec {
  const spec: LeaseSpec | undefined = Object(lease['spec']);
  return spec ?? {};
}

import { keyValidityIn, type ValueFormat } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { KeyConfig } from '../../config/config.ts';
import { dataOf } from './wrapping.ts';

interface Counting {
  readonly format: ValueFormat;
  readonly order: KeyConfig['order'];
  readonly now: Date;
}

/**
 * When the newest of these wrapped keys of a format began to count, as far as their metadata tells; undefined
 * for none that has begun.
 */
export function lockedSince(
  secrets: readonly KubeObject[],
  { format, order, now }: Counting,
): Date | undefined {
  const dates = secrets
    .filter((secret) => formatOf(secret) === format)
    .flatMap(({ metadata }) => {
      const created = new Date(metadata.creationTimestamp ?? Number.NaN);
      const begins = keyValidityIn(metadata.annotations)?.notBefore;
      // the Secret of a key of another controller does not say it; a key of format v2 counts only if it does
      const otherwise = format === 'v1' ? created : undefined;
      const date = order === 'CertNotBefore' ? (begins ?? otherwise) : created;
      return date && date <= now ? [date] : [];
    });
  return dates.sort((a, b) => b.getTime() - a.getTime())[0];
}

function formatOf(secret: KubeObject): ValueFormat {
  return Object.hasOwn(dataOf(secret), 'tls.crt') ? 'v1' : 'v2';
}

import { encodeBase64, encodeUtf8, KEY_LABEL, type RsaKeyPair } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { KeyRegistry } from '../../packages/controller/src/keys/registry.ts';
import { createLogger } from '../../packages/controller/src/log.ts';
import { createMetrics } from '../../packages/controller/src/metrics.ts';
import { noLocks, noRefusals } from '../../packages/controller/src/testing/recorders.ts';
import type { KubeObject } from '../../packages/kube/src/client/types.ts';
import type { EventRecorder } from '../../packages/kube/src/events/types.ts';

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** A registry and all that it logs and tells in events. */
export function registryWithLog() {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLogger({
    minimumLevel: -4,
    format: 'text',
    isInfoOnStdout: true,
    stdout: write,
    stderr: write,
    now: () => new Date(),
  });
  const events: EventRecorder = {
    record: (_target, _type, _reason, message) => write(message),
    flush: () => Promise.resolve(),
  };
  const registry = new KeyRegistry({
    locks: noLocks,
    order: 'CertNotBefore',
    refusals: noRefusals,
    copies: 1,
    now: () => new Date(),
    events,
    log,
    metrics: createMetrics('test'),
  });
  return { registry, lines };
}

/** A certificate for the pair, valid for a year. */
export async function certificateOf(keyPair: RsaKeyPair, notBefore = new Date()): Promise<string> {
  const notAfter = new Date(notBefore.getTime() + 365 * DAY_MS);
  return createCertificate(keyPair, { commonName: '', notBefore, notAfter });
}

/** A key Secret, marked active. */
export function keySecret(name: string, key: string, certificate: string): KubeObject {
  const data = {
    'tls.key': encodeBase64(encodeUtf8(key)),
    'tls.crt': encodeBase64(encodeUtf8(certificate)),
  };
  const creationTimestamp = new Date().toISOString();
  const labels = { [KEY_LABEL]: 'active' };
  return {
    metadata: { namespace: 'n', name, uid: name, resourceVersion: '1', creationTimestamp, labels },
    data,
  };
}

import { ANNOTATIONS, type Scope, type Secret } from '@fuin/crypto-core';
import type { ApiObject } from '../support/api/types.ts';
import { seal } from '../support/cluster/sealing.ts';
import { readVector } from '../vectors/read.ts';

/** A Secret to seal on one side and unseal on the other. */
export interface Sample {
  readonly title: string;
  /** Part of its name. */
  readonly name: string;
  readonly scope?: Scope;
  readonly secret: Omit<Secret, 'apiVersion' | 'kind' | 'metadata'> & {
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  /** What the Secret in the cluster must have, beside what went in. */
  readonly opened?: { readonly data: Readonly<Record<string, string>> };
}

const EVERY_BYTE = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What people keep in Secrets, at least once each. */
export const SAMPLES: readonly Sample[] = [
  { title: 'a strict Secret', name: 'strict', secret: { data: { password: base64('s3cret') } } },
  {
    title: 'a namespace-wide Secret',
    name: 'namespace-wide',
    scope: 'namespace-wide',
    secret: { data: { password: base64('s3cret') } },
  },
  {
    title: 'a cluster-wide Secret',
    name: 'cluster-wide',
    scope: 'cluster-wide',
    secret: { data: { password: base64('s3cret') } },
  },
  {
    title: 'a scope that an annotation of the input asks for',
    name: 'annotated',
    secret: {
      annotations: { 'sealedsecrets.bitnami.com/namespace-wide': 'true', note: 'kept' },
      data: { password: base64('s3cret') },
    },
  },
  {
    title: 'labels, annotations and the marks of the controller',
    name: 'metadata',
    secret: {
      labels: { app: 'shop', 'app.kubernetes.io/instance': 'shop-1' },
      annotations: { 'example.com/note': 'multi\nline: "text"', [ANNOTATIONS.managed]: 'true' },
      data: { password: base64('s3cret') },
    },
  },
  {
    title: 'stringData, which wins over data',
    name: 'string-data',
    secret: { data: { a: base64('lost'), b: base64('kept') }, stringData: { a: 'wins', c: 'grün ✓' } },
    opened: { data: { a: base64('wins'), b: base64('kept'), c: base64('grün ✓') } },
  },
  { title: 'every byte there is', name: 'binary', secret: { data: { 'blob.bin': EVERY_BYTE } } },
  { title: 'an empty value', name: 'empty', secret: { data: { nothing: '', some: base64('x') } } },
  {
    title: 'a value of 200 KiB',
    name: 'large',
    secret: { data: { large: Buffer.alloc(200 * 1024, 'fuin').toString('base64') } },
  },
  { title: 'an immutable Secret', name: 'immutable', secret: { immutable: true, data: { a: base64('1') } } },
  {
    title: 'a TLS key pair',
    name: 'tls',
    secret: {
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': base64(readVector('x509/rsa-a.crt')),
        'tls.key': base64(readVector('keys/rsa2048-a.pkcs8.pem')),
      },
    },
  },
  {
    title: 'registry credentials',
    name: 'docker',
    secret: {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64('{"auths":{"r.example":{"auth":"YTpi"}}}') },
    },
  },
  {
    title: 'basic-auth credentials',
    name: 'basic-auth',
    secret: { type: 'kubernetes.io/basic-auth', data: { username: base64('ann'), password: base64('pw') } },
  },
  {
    title: 'a type of the user',
    name: 'own-type',
    secret: { type: 'example.com/own', data: { a: base64('1') } },
  },
];

/** The sample as an input of kubeseal. */
export function inputOf({ secret }: Sample, metadata: { name: string; namespace: string }): Secret {
  const { labels, annotations, ...rest } = secret;
  const optional = { ...(labels && { labels }), ...(annotations && { annotations }) };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, ...optional }, ...rest };
}

/** What must come out: all of the data, and these of the other fields. */
export function openedOf({ secret, opened }: Sample) {
  const { labels, annotations, immutable, type = 'Opaque', data } = secret;
  return {
    type,
    data: opened?.data ?? data,
    ...(immutable === undefined ? {} : { immutable }),
    metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
  };
}

/** Seals a sample under its own name. */
export function sealSample(certificatePem: string, sample: Sample, namespace: string): Promise<ApiObject> {
  return seal(certificatePem, inputOf(sample, { name: sample.name, namespace }), sample.scope);
}

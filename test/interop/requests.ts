import { encodeBase64, encodeUtf8, encryptionLabel } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { stringify } from 'yaml';
import type { ApiObject } from '../support/api/types.ts';
import { sealTexts } from '../support/cluster/sealing.ts';

/** What can be seen of an answer. */
export interface Answer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly contentType: string | null;
  /** With sealed values replaced by the word `sealed`. */
  readonly body: string;
}

/** One request to both controllers. */
export interface Row {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made from a SealedSecret that both can open. */
  readonly body?: (sealed: ApiObject, certificatePem: string) => BodyInit | Promise<BodyInit>;
  /** Where ours answers otherwise, on purpose. */
  readonly differs?: { readonly why: string; readonly ours: Partial<Answer> };
}

type Body = NonNullable<Row['body']>;

const json: Body = (sealed) => JSON.stringify(sealed);
const yaml: Body = (sealed) => stringify(sealed);
const changed =
  (change: (sealed: ApiObject) => object): Body =>
  (sealed) =>
    JSON.stringify(change(structuredClone(sealed)));
const moved = changed(({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, name: 'other' } }));
const spec = (sealed: ApiObject) =>
  sealed['spec'] as { encryptedData: Record<string, string>; template: object };
const withTemplate = (data: Record<string, string>) =>
  changed((sealed) => ({
    ...sealed,
    spec: { ...spec(sealed), template: { ...spec(sealed).template, data } },
  }));
const withItems = (items: Record<string, unknown>) =>
  changed((sealed) => ({
    ...sealed,
    spec: { ...spec(sealed), encryptedData: { ...spec(sealed).encryptedData, ...items } },
  }));
const legacy: Body = async (sealed, certificatePem) => {
  const { namespace = '', name = '' } = sealed.metadata;
  const { recipient } = await parseCertificate(certificatePem);
  const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', data: { a: btoa('1') } });
  const label = encryptionLabel('strict', namespace, name);
  const data = encodeBase64(await recipient.seal(encodeUtf8(secret), label));
  return JSON.stringify({ ...sealed, spec: { data } });
};
const twice: Body = (sealed) => `${stringify(sealed)}---\n${stringify(sealed)}`;

const NOT_RENDERED = 'section 7 row 2: no template is rendered, since the answer would tell of the plaintext';

/** What both /v1/verify and /v1/rotate are sent. */
const opened: readonly Omit<Row, 'path'>[] = [
  { title: 'JSON', method: 'POST', body: json },
  { title: 'YAML', method: 'POST', body: yaml },
  { title: 'with PUT', method: 'PUT', body: json },
  {
    title: 'JSON called a form',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: json,
  },
  { title: 'YAML called JSON', method: 'POST', headers: { 'content-type': 'application/json' }, body: yaml },
  { title: 'JSON without a type', method: 'POST', body: (sealed) => new Blob([JSON.stringify(sealed)]) },
  {
    title: 'JSON with fields nobody knows',
    method: 'POST',
    body: changed((sealed) => ({ ...sealed, more: 1 })),
  },
  {
    title: 'with a status and server fields',
    method: 'POST',
    body: changed((sealed) => ({ ...sealed, status: { observedGeneration: 1 } })),
  },
];
const unread: readonly Omit<Row, 'path'>[] = [
  { title: 'nothing', method: 'POST' },
  { title: 'nothing, with GET', method: 'GET' },
  { title: 'text', method: 'POST', body: () => 'hello' },
  { title: 'bytes', method: 'POST', body: () => Uint8Array.from([0xff, 0xfe, 0]) },
  { title: 'a list', method: 'POST', body: () => '[]' },
  {
    title: 'a Secret',
    method: 'POST',
    body: () => '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}',
  },
  { title: 'a kind nobody knows', method: 'POST', body: () => '{"apiVersion":"x/v1","kind":"X"}' },
  {
    title: 'a version nobody knows',
    method: 'POST',
    body: changed((sealed) => ({ ...sealed, apiVersion: 'bitnami.com/v1beta9' })),
  },
  { title: 'no kind', method: 'POST', body: changed(({ kind: _kind, ...rest }) => rest) },
];

const brokenJson = { title: 'broken JSON', method: 'POST', body: () => '{"kind": "SealedSecret"' };

const at = (path: string, rows: readonly Omit<Row, 'path'>[]): Row[] =>
  rows.map((row) => ({ ...row, path, title: `${path} is sent ${row.title}` }));

/** Everything that is asked of both. */
export const ROWS: readonly Row[] = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].flatMap((method) =>
    ['/healthz', '/v1/cert.pem'].map((path) => ({ title: `${method} ${path}`, method, path })),
  ),
  ...['/', '/nope', '/v1', '/v1/', '/v1/cert', '/v1/verify/', '/V1/verify', '/healthz/'].map((path) => ({
    title: `GET ${path}, which is not there`,
    method: 'GET',
    path,
  })),
  { title: 'a query is ignored', method: 'GET', path: '/v1/cert.pem?x=1' },
  { title: 'an escaped path is the path', method: 'GET', path: '/v1/cert%2Epem' },
  ...at('/v1/verify', opened),
  ...at('/v1/verify', unread),
  ...at('/v1/verify', [
    {
      ...brokenJson,
      differs: {
        why: "upstream's handler panics, so that the connection ends without an answer",
        ours: { status: 500, body: '' },
      },
    },
    { title: 'what was sealed for another name', method: 'POST', body: moved },
    { title: 'one broken item among good ones', method: 'POST', body: withItems({ bad: 'AgBy' }) },
    { title: 'an item that is not base64', method: 'POST', body: withItems({ bad: '*' }) },
    { title: 'an item that is a number', method: 'POST', body: withItems({ bad: 1 }) },
    {
      title: 'no items',
      method: 'POST',
      body: changed((sealed) => ({ ...sealed, spec: { encryptedData: {} } })),
    },
    { title: 'two documents', method: 'POST', body: twice },
    { title: 'legacy data', method: 'POST', body: legacy },
    { title: 'a template that renders', method: 'POST', body: withTemplate({ t: '{{ .password }}' }) },
    {
      title: 'a template that does not',
      method: 'POST',
      body: withTemplate({ t: '{{ fail "no" }}' }),
      differs: { why: NOT_RENDERED, ours: { status: 200 } },
    },
  ]),
  ...at('/v1/rotate', unread),
  ...at('/v1/rotate', [
    brokenJson,
    { title: 'what was sealed for another name', method: 'POST', body: moved },
    { title: 'one broken item among good ones', method: 'POST', body: withItems({ bad: 'AgBy' }) },
    { title: 'an item that is not base64', method: 'POST', body: withItems({ bad: '*' }) },
  ]),
  ...at('/v1/rotate', opened),
];

/** Sends one row. */
export async function ask(
  url: string,
  { method, path, headers, body }: Row,
  sealed: { readonly object: ApiObject; readonly certificatePem: string },
): Promise<Answer> {
  const content = body && (await body(sealed.object, sealed.certificatePem));
  const request = { method, redirect: 'manual', ...(headers && { headers }) } as const;
  const response = await fetch(
    url + path,
    content === undefined ? request : { ...request, body: content },
  ).catch(closedConnection);
  if (!response) return { status: 0, contentType: null, body: 'no answer' };
  const text = await response.text();
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    body: text.replaceAll(/"A[gQ][\w+/]+=*"/g, '"sealed"'),
  };
}

function closedConnection(error: unknown): undefined {
  const { cause } = error as { cause?: { code?: string } };
  if (!/^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(cause?.code ?? '')) throw error;
}

/** A SealedSecret with labels and two items. */
export function sample(certificatePem: string): Promise<ApiObject> {
  const metadata = { name: 'db', namespace: 'blue', labels: { app: 'shop' }, annotations: { note: 'x' } };
  return sealTexts(certificatePem, metadata, { password: 's3cret', empty: '' });
}

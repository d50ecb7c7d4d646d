import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import { PATIENCE_MS } from '../../../test/support/time/patience.ts';
import { createRenderer, type Renderer, TemplateError } from './index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(bytes);
const secret = 'CANARY-91b2-value';
const values = new Map([['password', encode(secret)]]);
const endless = '{{ range until 30000 }}{{ range until 30000 }}{{ $x := 1 }}{{ end }}{{ end }}';

const authority = '{{ $ca := genCAWithKey "ca" 1 (genPrivateKey "ecdsa") }}';

const renderer = createRenderer();
afterAll(() => renderer.close());

async function renderOne(text: string, by: Renderer = renderer): Promise<string> {
  return decode((await by.render({ templates: { item: text }, values })).get('item'));
}

async function failureOf(text: string, by: Renderer = renderer): Promise<unknown> {
  const error: unknown = await by
    .render({ templates: { item: text }, values })
    .catch((reason: unknown) => reason);
  return error instanceof TemplateError ? error.failures[0] : error;
}

describe('render', () => {
  it('has the shape that crypto-core asks for', () => {
    type Request = { templates: ReadonlyMap<string, string>; values: ReadonlyMap<string, Uint8Array> };
    expectTypeOf(renderer.render).toExtend<(request: Request) => Promise<ReadonlyMap<string, Uint8Array>>>();
  });

  it('shows templates the values and the raw text of their siblings, which values shadow', async () => {
    const templates = {
      first: '{{ .password | upper }}',
      second: '{{ .first }} {{ .plain }}',
      plain: 'text',
      password: 'p',
    };
    const outputs = await renderer.render({ templates, values });
    expect([...outputs].map(([name, bytes]) => [name, decode(bytes)])).toEqual([
      ['first', secret.toUpperCase()],
      ['second', '{{ .password | upper }} text'],
      ['plain', 'text'],
      ['password', 'p'],
    ]);
  });

  it('prints <no value> for a key that does not exist', async () => {
    expect(await renderOne('{{ .missing }}')).toBe('<no value>');
  });

  it('passes arbitrary bytes through unchanged', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const outputs = await renderer.render({ templates: { b: '{{ .v }}' }, values: new Map([['v', bytes]]) });
    expect(outputs.get('b')).toEqual(bytes);
  });

  it('reports all failing templates together, in order', async () => {
    const templates = new Map([
      ['a', '{{ fail .password }}'],
      ['b', 'fine {{ 1 }}'],
      ['c', '\n{{ nope }}'],
      ['d', '{{'],
    ]);
    const error: unknown = await renderer.render({ templates, values }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({
      code: 'ERR_TEMPLATE_INVALID',
      failures: [
        { template: 'a', kind: 'fail-called', line: 1, column: 3, functionName: 'fail' },
        { template: 'c', kind: 'unknown-function', line: 2, functionName: 'nope' },
        { template: 'd', kind: 'parse-error', line: 1 },
      ],
    });
  });

  it.each([
    'fail .password',
    'index .password .password',
    'semver .password',
    'mustToDate "2006" .password',
    'mustRegexMatch (cat "(" .password) ""',
    'urlParse (cat ":" .password)',
    'template "CANARY-91b2-value"',
    'nope "CANARY-91b2-value"',
    '"CANARY-91b2-value',
  ])('keeps values and quoted strings out of the error of {{ %s }}', async (expression) => {
    const error: unknown = await renderer
      .render({ templates: { item: `{{ ${expression} }}` }, values })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TemplateError);
    expect(`${error} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`).not.toContain(
      'CANARY',
    );
  });

  it.each(['env "HOME"', 'expandenv "$HOME"', 'getHostByName "localhost"'])(
    'does not know the function of {{ %s }}',
    async (call) => {
      expect(await failureOf(`{{ ${call} }}`)).toMatchObject({
        kind: 'unknown-function',
        functionName: call.split(' ')[0],
      });
    },
  );

  it.each([
    ['(encryptAES "key" .password) | decryptAES "key"', /^CANARY-91b2-value$/],
    ['randAlphaNum 24', /^[A-Za-z0-9]{24}$/],
    ['randAlpha 5', /^[A-Za-z]{5}$/],
    ['randAscii 5', /^[\x20-\x7e]{5}$/],
    ['randNumeric 9', /^\d{9}$/],
    ['randBytes 12 | b64dec | len', /^12$/],
    ['randInt 3 5', /^[34]$/],
    ['shuffle "ab"', /^(ab|ba)$/],
    ['uuidv4', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['bcrypt .password', /^\$2a\$10\$.{53}$/],
    ['htpasswd "user" .password', /^user:\$2a\$/],
    ['genPrivateKey "ecdsa"', /^-----BEGIN EC PRIVATE KEY-----/],
    ['genPrivateKey "ed25519"', /^-----BEGIN PRIVATE KEY-----/],
    ['(genCAWithKey "ca" 1 (genPrivateKey "ecdsa")).Cert', /^-----BEGIN CERTIFICATE-----/],
    ['now | date "2006"', new RegExp(`^${new Date().getUTCFullYear()}$`)],
    ['dateInZone "15:04 MST" (toDate "2006-01-02" "2024-07-01") "Europe/Berlin"', /^02:00 CEST$/],
    ['ago now', /^0s$/],
  ])('gives {{ %s }} its property', async (expression, property) => {
    expect(await renderOne(`{{ ${expression} }}`)).toMatch(property);
  });

  it.each([
    ['genCA', '{{ (genCA "ca" 1).Cert }}'],
    ['genSelfSignedCert', '{{ (genSelfSignedCert "cn" (list "127.0.0.1") (list "localhost") 1).Cert }}'],
    [
      'genSelfSignedCertWithKey',
      '{{ (genSelfSignedCertWithKey "cn" nil nil 1 (genPrivateKey "ecdsa")).Cert }}',
    ],
    ['genSignedCert', `${authority}{{ (genSignedCert "cn" nil nil 1 $ca).Cert }}`],
    [
      'genSignedCertWithKey',
      `${authority}{{ (genSignedCertWithKey "cn" nil nil 1 $ca (genPrivateKey "ecdsa")).Cert }}`,
    ],
    ['buildCustomCert', `${authority}{{ (buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key)).Cert }}`],
  ])('makes a certificate with %s', async (_, template) => {
    expect(new X509Certificate(await renderOne(template)).subject).toMatch(/^CN=(ca|cn)$/);
  });

  it('gives different random values on each call', async () => {
    expect(await renderOne('{{ randAlphaNum 32 }}')).not.toBe(await renderOne('{{ randAlphaNum 32 }}'));
  });

  it('limits the sum of all outputs of one call', async () => {
    const small = createRenderer({ maxOutputBytes: 10, workers: 1 });
    const fitting = await small.render({ templates: { a: '{{ "12345" }}', b: '{{ "67890" }}' }, values });
    expect(fitting.size).toBe(2);
    const tooLarge = small.render({ templates: { a: '{{ "12345" }}', b: '{{ "678901" }}' }, values });
    await expect(tooLarge).rejects.toMatchObject({ failures: [{ template: 'b', kind: 'output-too-large' }] });
    await small.close();
  });

  it('reports a value that does not fit into the sandbox as a limit', async () => {
    const large = new Map([['v', new Uint8Array(80 * 2 ** 20)]]);
    const rendering = renderer.render({ templates: { a: '{{ len .v }}' }, values: large });
    await expect(rendering).rejects.toMatchObject({ failures: [{ template: 'a', kind: 'memory-limit' }] });
  });

  it('tells the text of Go only when asked to', async () => {
    const unsafe = createRenderer({ unsafeErrorText: true, workers: 1 });
    expect(await failureOf('{{ fail .password }}', unsafe)).toHaveProperty(
      'unsafeText',
      expect.stringContaining(secret),
    );
    expect(await failureOf('{{ fail .password }}')).not.toHaveProperty('unsafeText');
    await unsafe.close();
  });
});

describe('the pool', () => {
  it('starts nothing for texts without an action', async () => {
    const nowhere = new URL('file:///does/not/exist');
    const idle = createRenderer({ workerUrl: nowhere, program: nowhere });
    expect(await renderOne('plain } { text', idle)).toBe('plain } { text');
  });

  it.each([['workerUrl'], ['program']])(
    'rejects with an ordinary error when %s is missing',
    async (option) => {
      const broken = createRenderer({ [option]: new URL('file:///does/not/exist') });
      const failure = await failureOf('{{ 1 }}', broken);
      expect(failure).toBeInstanceOf(Error);
      expect(failure).not.toBeInstanceOf(TemplateError);
      await broken.close();
    },
  );

  it('refuses to have no workers', () => {
    expect(() => createRenderer({ workers: 0 })).toThrow(RangeError);
  });

  it('stops a running template when the signal aborts, and goes on working', async () => {
    const stoppable = createRenderer({ workers: 1 });
    const controller = new AbortController();
    const rendering = stoppable.render({ templates: { a: endless }, values }, { signal: controller.signal });
    const queued = stoppable.render({ templates: { a: '{{ 1 }}' }, values }, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 150);
    const reasons = (await Promise.allSettled([rendering, queued])).map(
      (settled) => settled.status === 'rejected' && settled.reason.message,
    );
    expect(reasons).toEqual(['enough', 'enough']);
    expect(await renderOne('{{ 2 }}', stoppable)).toBe('2');
    await stoppable.close();
  });

  it('renders nothing for a signal that is already aborted', async () => {
    const rendering = renderer.render(
      { templates: { a: 'x' }, values },
      { signal: AbortSignal.abort(new Error('late')) },
    );
    await expect(rendering).rejects.toThrow('late');
  });

  it('keeps a worker free for the others while many calls are slow', async () => {
    const shared = createRenderer();
    const ended: string[] = [];
    const slow = Array.from({ length: 3 }, () =>
      shared
        .render({ templates: { a: endless }, values }, { isSlow: true, timeoutMs: 1_000 })
        .catch((error: unknown) => error)
        .finally(() => ended.push('slow')),
    );
    const other = await shared.render({ templates: { a: '{{ 1 }}' }, values });
    expect(decode(other.get('a'))).toBe('1');
    expect(ended).toHaveLength(0);
    expect(await slow[0]).toMatchObject({ failures: [{ template: 'a', kind: 'time-limit' }] });
    await shared.close();
    expect(await slow[2]).toMatchObject({ message: 'the template renderer is closed' });
  });

  it('lets slow calls wait for all others', async () => {
    const shared = createRenderer({ workers: 1 });
    const ended: string[] = [];
    const call = (name: string, isSlow: boolean) =>
      shared.render({ templates: { a: '{{ 1 }}' }, values }, { isSlow }).then(() => ended.push(name));
    await Promise.all([call('running', true), call('slow', true), call('other', false)]);
    expect(ended).toEqual(['running', 'other', 'slow']);
    await shared.close();
  });

  it('names the template that ran into the time limit', async () => {
    const hasty = createRenderer({ timeoutMs: 1_500, workers: 1 });
    await renderOne('{{ 1 }}', hasty).catch(() => undefined); // the thread is up: starting it counts too
    const rendering = hasty.render({ templates: { a: '{{ 1 }}', b: endless, c: '{{ 1 }}' }, values });
    await expect(rendering).rejects.toMatchObject({ failures: [{ template: 'b', kind: 'time-limit' }] });
    await hasty.close();
  });

  it('lets the process end by itself without close', async () => {
    const index = new URL('./index.ts', import.meta.url).href;
    const program = `
      const { createRenderer } = await import(${JSON.stringify(index)});
      const outputs = await createRenderer().render({ templates: { a: '{{ "done" }}' }, values: new Map() });
      process.stdout.write(outputs.get('a'));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: PATIENCE_MS,
    });
    expect(stdout).toBe('done');
  });
});

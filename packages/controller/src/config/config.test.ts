import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../version.ts';
import { readConfig } from './config.ts';
import { formatAddress } from './flag-values.ts';
import { FLAGS } from './flags.ts';

const configOf = (...argv: string[]) => readConfig(argv, {}).config;

/** Flag names of upstream's controller (test/coverage.md). */
const UPSTREAM =
  `key-prefix key-size key-ttl my-cn key-renew-period rotate-period key-order-priority key-cutoff-time
accept-deprecated-v1-data all-namespaces additional-namespaces label-selector rate-limit rate-limit-burst
metrics-omit-secret-labels privatekey-annotations privatekey-labels old-gc-behavior update-status watch-for-secrets skip-recreate
log-info-stdout log-level log-format max-unseal-retries kubeclient-qps kubeclient-burst listen-addr listen-metrics-addr
read-timeout write-timeout version`.split(/\s+/);

describe('flags', () => {
  it.each(UPSTREAM)('has --%s', (name) => {
    expect(FLAGS).toHaveProperty(name);
  });
  it("has upstream's defaults, but for the client's rate", () => {
    expect(configOf()).toEqual({
      isVersionAsked: false,
      kubeconfig: undefined,
      clientRate: undefined,
      requestTimeoutMs: 30_000,
      log: { minimumLevel: 0, format: 'text', isInfoOnStdout: true },
      http: {
        address: { host: undefined, port: 8080 },
        metricsAddress: { host: undefined, port: 8081 },
        readTimeoutMs: 120_000,
        writeTimeoutMs: 120_000,
        shutdownDelayMs: 0,
        rateLimit: { perSecond: 2, burst: 2 },
        servesPage: false,
      },
      keys: {
        prefix: 'sealed-secrets-key',
        sizeBits: 4096,
        ttlMs: 87_600 * 3_600_000,
        commonName: '',
        renewPeriodMs: 720 * 3_600_000,
        order: 'CertNotBefore',
        cutoff: undefined,
        labels: {},
        annotations: {},
        makesV2: false,
        splitKeys: [],
        wrappers: [],
      },
      leader: { isElected: true, leaseName: 'sealed-secrets-controller', leaseDurationMs: 15_000 },
      reconcile: {
        acceptV1Data: true,
        updatesStatus: true,
        deletesOrphans: false,
        allowsTokenSecrets: false,
        allowsSealingKeys: false,
        additions: undefined,
        driftPolicy: 'repair',
        minFormat: undefined,
        expiryPolicy: 'warn',
        maxFastRetries: 5,
        concurrency: 32,
        omitsSecretLabels: false,
      },
      signers: undefined,
      watch: {
        additionalNamespaces: undefined,
        labelSelector: undefined,
        watchesSecrets: true,
        relistPeriodMs: 3_600_000,
        idleLimitMs: 180_000,
      },
    });
  });
  it('is frozen', () => {
    expect(Object.isFrozen(configOf())).toBe(true);
  });
  it('reads the environment, and the command line beats it', () => {
    const env = { SEALED_SECRETS_KEY_PREFIX: 'from-env', SEALED_SECRETS_MY_CN: 'env' };
    const { keys } = readConfig(['--my-cn=line'], env).config;
    expect(keys).toMatchObject({ prefix: 'from-env', commonName: 'line' });
  });
  it('limits the client only when asked to', () => {
    expect(configOf('--kubeclient-qps=20', '--kubeclient-burst=40').clientRate).toEqual({
      perSecond: 20,
      burst: 40,
    });
  });
  it.each([
    [[], undefined],
    [['--all-namespaces=false'], []],
    [['--additional-namespaces=a,b, a,'], ['a', 'b']],
    [['--all-namespaces=false', '--additional-namespaces=a'], ['a']],
  ])('%j watches beside its own namespace %j', (argv, expected) => {
    expect(configOf(...argv).watch.additionalNamespaces).toEqual(expected);
  });
  it('reads key labels, annotations, cut-off, order and the deprecated period', () => {
    const { keys } = configOf(
      '--privatekey-labels=a=1,b=x=y',
      '--privatekey-annotations=c=',
      '--key-cutoff-time=Mon, 02 Jan 2006 15:04:05 -0700',
      '--key-order-priority=SecretCreationTimestamp',
      '--rotate-period=1h30m',
    );
    expect(keys).toMatchObject({
      labels: { a: '1', b: 'x=y' },
      annotations: { c: '' },
      cutoff: new Date('2006-01-02T22:04:05Z'),
      order: 'SecretCreationTimestamp',
      renewPeriodMs: 5_400_000,
    });
  });
  it('reads labels and annotations for every Secret', () => {
    const { additions } = configOf(
      '--additional-secret-labels=velero.io/exclude-from-backup=true,team=',
      '--additional-secret-annotations=sealedsecrets.bitnami.com/managed=true',
    ).reconcile;
    expect(additions).toEqual({
      labels: { 'velero.io/exclude-from-backup': 'true', team: '' },
      annotations: { 'sealedsecrets.bitnami.com/managed': 'true' },
    });
  });
  it.each([
    ['v1', undefined],
    ['v2', { namespaces: undefined }],
    ['v2:shop', { namespaces: new Set(['shop']) }],
    ['v2:shop, lab,shop', { namespaces: new Set(['shop', 'lab']) }],
  ])('reads --min-format=%s', (text, minFormat) => {
    expect(configOf(`--min-format=${text}`).reconcile.minFormat).toEqual(minFormat);
  });
  it('reads where signatures are asked for, and who may sign', () => {
    const { signers } = configOf('--require-signer=enforce:shop', '--allowed-signers=/etc/signers');
    expect(signers).toEqual({
      rules: { byNamespace: new Map([['shop', 'enforce']]), elsewhere: 'off' },
      file: '/etc/signers',
    });
  });
  it('warns of allowed signers that nothing asks for', () => {
    const { config, warnings } = readConfig(['--allowed-signers=/etc/signers'], {});
    expect([config.signers, warnings]).toEqual([
      undefined,
      ['warning: --allowed-signers has no effect without --require-signer'],
    ]);
  });
  it('warns of an unknown order and uses the default, like upstream', () => {
    const { config, warnings } = readConfig(['--key-order-priority=Random'], {});
    expect(config.keys.order).toBe('CertNotBefore');
    expect(warnings).toEqual(['warning: unknown key-order-priority "Random": CertNotBefore is used']);
  });
  it.each([
    ['--key-renew-period=-1h', 'must not be negative'],
    ['--key-ttl=-1h', 'must not be negative'],
    ['--read-timeout=-1s', 'must not be negative'],
    ['--shutdown-delay-duration=-1s', 'must not be negative'],
    ['--max-unseal-retries=-1', 'must not be negative'],
    ['--rate-limit=0', 'must be greater than 0'],
    ['--concurrency=0', 'must be greater than 0'],
    ['--key-size=512', 'must be from 2048 to 8192'],
    ['--privatekey-labels=a=1,b', '"b" is not of the form key=value'],
    ['--additional-secret-labels=a', '"a" is not of the form key=value'],
    ['--additional-secret-labels=a=b c', '"b c" cannot be the value of a label'],
    ['--additional-secret-labels=a b=c', '"a b" cannot be a name of metadata'],
    [
      '--additional-secret-labels=sealedsecrets.bitnami.com/sealed-secrets-key=active',
      'sealedsecrets.bitnami.com/sealed-secrets-key cannot be on every Secret',
    ],
    [
      '--additional-secret-annotations=sealedsecrets.bitnami.com/patch=true',
      'sealedsecrets.bitnami.com/patch cannot be on every Secret',
    ],
    ['--privatekey-annotations==x', '"=x" is not of the form key=value'],
    ['--key-prefix=Keys_', 'name contains illegal character K'],
    [`--key-prefix=${'k'.repeat(246)}`, 'name is too long, must be shorter than 245, got 246'],
    ['--key-cutoff-time=2026-01-01T00:00:00Z', 'must be a time like "Mon, 02 Jan 2006 15:04:05 -0700"'],
    ['--key-cutoff-time=Mon, 99 Jan 2006 15:04:05 -0700', 'must be a time like'],
    ['--min-format=', 'must be v1, v2 or v2:NAMESPACE,NAMESPACE'],
    ['--min-format=v3', 'must be v1, v2 or v2:NAMESPACE,NAMESPACE'],
    ['--min-format=v2:', 'must be v1, v2 or v2:NAMESPACE,NAMESPACE'],
    ['--min-format=v2:,', 'must be v1, v2 or v2:NAMESPACE,NAMESPACE'],
    ['--min-format=v1:shop', 'must be v1, v2 or v2:NAMESPACE,NAMESPACE'],
    ['--min-format=v2:shop,Lab', '"Lab" cannot be the name of a namespace'],
    [`--min-format=v2:${'n'.repeat(64)}`, 'cannot be the name of a namespace'],
    ['--require-signer=yes', 'must be off, warn or enforce'],
    ['--require-signer=enforce:shop;warn:shop', 'says two things about shop'],
    ['--require-signer=warn', '--require-signer needs --allowed-signers'],
    ['--expiry-policy=off', 'must be one of: warn, refuse'],
    [
      '--additional-secret-labels=sealedsecrets.bitnami.com/sealing-key=active',
      'sealedsecrets.bitnami.com/sealing-key cannot be on every Secret',
    ],
    ['--log-level=LOUD', 'unknown name'],
    ['--log-format=xml', 'must be one of: text, json'],
    ['--listen-addr=8080', 'must be host:port'],
    ['--listen-metrics-addr=:99999', 'must be host:port'],
    ['--drift-policy=maybe', 'must be one of: repair, warn, off'],
    ['--no-such-flag', 'unknown flag: --no-such-flag'],
  ])('refuses %s', (flag, reason) => {
    expect(() => configOf(flag)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(reason) }),
    );
  });
  it.each([
    ['log-level', ['DEBUG', 'INFO', 'WARN', 'ERROR']],
    ['log-format', ['text', 'json']],
    ['key-order-priority', ['CertNotBefore', 'SecretCreationTimestamp']],
  ] as const)('lists in the help of --%s what it takes', (flag, values) => {
    for (const value of values) {
      expect(() => configOf(`--${flag}=${value}`)).not.toThrow();
      expect(FLAGS[flag].help).toMatch(new RegExp(`\\b${value}\\b`));
    }
  });
  it.each([
    [':0', { host: undefined, port: 0 }],
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['[::1]:80', { host: '::1', port: 80 }],
  ])('listens on %s', (text, address) => {
    expect(configOf(`--listen-addr=${text}`).http.address).toEqual(address);
  });
  it.each([':0', '127.0.0.1:80', '[::]:8080'])('shows its address in the form of the flags: %s', (text) => {
    expect(formatAddress(configOf(`--listen-addr=${text}`).http.address)).toBe(text);
  });
});

describe('VERSION', () => {
  it('is the one of the package', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ version: VERSION });
  });
});

// Ours alone: runs our program, and no cluster.
import { describe, expect, it } from 'vitest';
import { PROGRAM, runToEnd } from './program.ts';

const run = (...args: readonly string[]) => runToEnd(PROGRAM, args);
const VERSION_LINE = /^controller version: \d+\.\d+\.\d+\S*\n$/;

/** Upstream's flags with values that differ from the defaults (test/coverage.md). */
const UPSTREAM_FLAGS =
  `--key-prefix=k --key-size=2048 --key-ttl=1h --my-cn=me --key-renew-period=1h --key-order-priority=SecretCreationTimestamp
--accept-deprecated-v1-data=false --all-namespaces=false --additional-namespaces=a,b --label-selector=a=b --rate-limit=3
--rate-limit-burst=3 --metrics-omit-secret-labels --privatekey-annotations=a=b --privatekey-labels=a=b --old-gc-behavior
--update-status=false --watch-for-secrets --skip-recreate --log-info-stdout=false --log-level=ERROR --log-format=json
--max-unseal-retries=6 --kubeclient-qps=6 --kubeclient-burst=6 --listen-addr=:1 --listen-metrics-addr=:2 --read-timeout=1s
--write-timeout=1s`.split(/\s+/);

/** Upstream's defaults as its help shows them; for an empty string, false and 0 it shows none. */
const DEFAULTS = {
  'key-prefix': '"sealed-secrets-key"',
  'key-size': '4096',
  'key-ttl': '87600h0m0s',
  'key-renew-period': '720h0m0s',
  'key-order-priority': '"CertNotBefore"',
  'accept-deprecated-v1-data': 'true',
  'all-namespaces': 'true',
  'rate-limit': '2',
  'rate-limit-burst': '2',
  'update-status': 'true',
  'log-info-stdout': 'true',
  'log-level': '"INFO"',
  'log-format': '"text"',
  'max-unseal-retries': '5',
  'kubeclient-burst': '10',
  'listen-addr': '":8080"',
  'listen-metrics-addr': '":8081"',
  'read-timeout': '2m0s',
  'write-timeout': '2m0s',
};

describe('the command line', () => {
  it("takes every flag of upstream's", async () => {
    const { code, stdout, stderr } = await run(...UPSTREAM_FLAGS, '--version');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(VERSION_LINE);
  });
  it("shows upstream's defaults, but for the client's rate, which is not limited", async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    const shown = new Map(
      stdout.split('\n').map((line) => [/--([\w-]+)/.exec(line)?.[1], /\(default (.*)\)$/.exec(line)?.[1]]),
    );
    const names = UPSTREAM_FLAGS.map((flag) => flag.slice(2).replace(/=.*/, ''));
    const expected = names.map((name) => [name, (DEFAULTS as Record<string, string>)[name]]);
    expect(names.map((name) => [name, shown.get(name)])).toEqual(expected);
  });
  it('--version tells the version and does nothing else', async () => {
    const { code, stdout, stderr } = await run('--version');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(VERSION_LINE);
  });
  it.each([
    ['with a capital letter', 'Keys', 'name contains illegal character K'],
    ['of 246 letters', 'k'.repeat(246), 'name is too long, must be shorter than 245, got 246'],
  ])('refuses a --key-prefix %s', async (_what, prefix, reason) => {
    const { code, stderr } = await run(`--key-prefix=${prefix}`);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});

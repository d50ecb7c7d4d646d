// Ours alone: upstream knows no signatures.
import { rm, writeFile } from 'node:fs/promises';
import { parseSealedSecret, SIGNATURE, SIGNATURE_NAMESPACE, signedContent } from '@fuin/crypto-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Scene } from '../support/scene.ts';
import { SshKeys, sshKeygen } from '../support/ssh-keys.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';

const keys = new SshKeys();
for (const name of ['ann', 'eve']) keys.make(name);
const list = keys.path('allowed_signers');
const allow = (...lines: readonly string[]) => writeFile(list, lines.join(''));
afterAll(() => keys.delete());

const SIGNERS = `--allowed-signers=${list}`;
await allow(keys.line('ann'));
const holder = useWorld('--require-signer=enforce', SIGNERS);
beforeAll(() => holder.world.clear()); // counts are of the whole cluster
beforeEach(() => allow(keys.line('ann')));

const metric = async (pattern: RegExp) => pattern.test(await holder.world.metrics()) || undefined;
const untilMetric = (pattern: RegExp) => eventually(`the metric ${pattern}`, () => metric(pattern));
/** Status, reason and message of Ready, once it says this. */
const untilReady = (scene: Scene, wanted: { readonly status: string; readonly message: string }) =>
  eventually(`Ready ${wanted.status}: ${wanted.message}`, async () => {
    const { status } = ((await scene.sealedSecret()) ?? {}) as {
      readonly status?: { readonly conditions?: readonly Record<string, string>[] };
    };
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return (ready?.['status'] === wanted.status && ready['message']?.includes(wanted.message)) || undefined;
  });

describe('--require-signer=enforce', () => {
  it('uses what ssh-keygen signed, and ssh-keygen accepts the signature of what the server stored', async () => {
    const scene = await Scene.of(holder.world);
    await scene.apply(await keys.sign('ann', await scene.seal({ password: 's3cret' })));
    await scene.untilInSync({ password: 's3cret' });
    const stored = await scene.sealedSecret();
    const base64 = stored?.metadata.annotations?.[SIGNATURE] ?? expect.fail();
    const armored = `-----BEGIN SSH SIGNATURE-----\n${base64.replace(/.{70}/g, '$&\n')}\n-----END SSH SIGNATURE-----\n`;
    await writeFile(keys.path('stored.sig'), armored);
    const who = ['-I', 'ann@example.com', '-n', SIGNATURE_NAMESPACE];
    const args = ['-Y', 'verify', '-f', list, ...who, '-s', keys.path('stored.sig')];
    expect(sshKeygen(args, await signedContent(parseSealedSecret(stored)))).toContain('Good');
  });
  it('refuses what nobody signed, and uses it as soon as the signature alone is added', async () => {
    const scene = await Scene.of(holder.world);
    const sealed = await scene.seal({ password: 's3cret' });
    await scene.apply(sealed);
    await scene.untilRefused('SignerRequired');
    await untilReady(scene, {
      status: 'False',
      message: `${scene.namespace}/db is refused: it has no signature, and --require-signer asks for a signature here`,
    });
    await holder.world.untilEvent(scene.namespace, 'db', 'ErrUnsealFailed');
    await untilMetric(/^\w+_unsigned_sealed_secrets\{mode="enforce",finding="missing"\} 1$/m);
    expect(await scene.secret()).toBeUndefined();
    await scene.editMetadata({ annotations: { [SIGNATURE]: await keys.signature('ann', sealed) } });
    await scene.untilInSync({ password: 's3cret' });
    await untilMetric(/^# TYPE \w+_unsigned_sealed_secrets gauge\n(?!\w+_unsigned_sealed_secrets)/m);
  });
  it('keeps the Secret of the signed version when another one is applied, also by a signer who may not', async () => {
    const scene = await Scene.of(holder.world);
    await scene.apply(await keys.sign('ann', await scene.seal({ password: 'old' })));
    await scene.untilInSync({ password: 'old' });
    const secret = await scene.secret();
    await scene.apply(await keys.sign('eve', await scene.seal({ password: 'new' })));
    await scene.untilRefused('SignerRequired');
    await untilReady(scene, { status: 'False', message: 'its signer is not among the allowed signers' });
    expect(await scene.secret()).toEqual(secret);
  });
  it('refuses a signed object in another namespace', async () => {
    const [scene, other] = [await Scene.of(holder.world), await Scene.of(holder.world)];
    const sealed = await scene.seal({ password: 's3cret' }, {}, { scope: 'cluster-wide' });
    const signed = await keys.sign('ann', sealed);
    await Promise.all([scene.apply(signed), other.apply(signed)]);
    await scene.untilInSync({ password: 's3cret' });
    await other.untilRefused('SignerRequired');
    await untilReady(other, { status: 'False', message: 'it is not what was signed' });
  });
});

describe('the file of allowed signers', () => {
  it('counts as it is, without a restart: signers come and go, and the Secret stays', async () => {
    const scene = await Scene.of(holder.world);
    await scene.apply(await keys.sign('ann', await scene.seal({ password: 's3cret' })));
    await scene.untilInSync({ password: 's3cret' });
    const secret = await scene.secret();
    await allow(keys.line('eve'));
    await untilReady(scene, { status: 'False', message: 'its signer is not among the allowed signers' });
    await allow(keys.line('eve'), keys.line('ann'));
    await scene.untilInSync({ password: 's3cret' });
    expect((await scene.secret())?.metadata.uid).toBe(secret?.metadata.uid);
    await untilMetric(/^\w+_allowed_signers 2$/m);
  });
  it('lets nobody sign while it cannot be used, which the controller says', async () => {
    const scene = await Scene.of(holder.world);
    await scene.apply(await keys.sign('ann', await scene.seal({ password: 's3cret' })));
    await scene.untilInSync({ password: 's3cret' });
    for (const spoil of [() => allow(''), () => rm(list), () => allow('ann@example.com no-key\n')]) {
      await spoil();
      await scene.untilRefused('SignersUnreadable');
      await untilMetric(/^\w+_allowed_signers_unreadable 1$/m);
      const readyz = await fetch(`${holder.world.controller.url}/readyz`);
      expect([readyz.status, await readyz.text()]).toEqual([
        200,
        'ok\nthe file of allowed signers cannot be used: see the log\n',
      ]);
      expect(await scene.secret()).toBeDefined();
      await allow(keys.line('ann'));
      await scene.untilInSync({ password: 's3cret' });
    }
  });
  it('ends the validity of a signer at its time, although nobody changes anything', async () => {
    const scene = await Scene.of(holder.world);
    const end = new Date(Date.now() + 6_000).toISOString().replace(/\.\d+|[-:T]/g, '');
    await allow(keys.line('ann', `valid-before="${end}"`));
    await scene.apply(await keys.sign('ann', await scene.seal({ password: 's3cret' })));
    await scene.untilInSync({ password: 's3cret' });
    await untilReady(scene, { status: 'False', message: 'its signer may not sign at this time' });
    await untilMetric(/_unsigned_sealed_secrets\{mode="enforce",finding="untimely-signer"\} \d/m);
  });
});

describe('--require-signer with several modes', () => {
  it('reports in one namespace, refuses in another, and asks for nothing elsewhere', async () => {
    const { world } = holder;
    const [warned, enforced, free] = [await Scene.of(world), await Scene.of(world), await Scene.of(world)];
    const modes = `warn:${warned.namespace};enforce:${enforced.namespace}`;
    await world.restart(`--require-signer=${modes}`, SIGNERS);
    for (const scene of [warned, enforced, free]) await scene.sealAndApply({ password: 's3cret' });
    for (const scene of [warned, free]) await scene.untilInSync({ password: 's3cret' });
    await enforced.untilRefused('SignerRequired');
    await untilReady(warned, { status: 'True', message: 'no allowed signer signed it: it has no signature' });
    await world.untilEvent(warned.namespace, 'db', 'SignerRequired');
    await untilReady(free, { status: 'True', message: 'is in sync' });
    await untilMetric(/_unsigned_sealed_secrets\{mode="warn",finding="missing"\} 1$/m);
    await untilMetric(/_unsigned_sealed_secrets\{mode="enforce",finding="missing"\} 1$/m);
  });
  it('changes nothing where it was never asked for', async () => {
    const { world } = holder;
    await world.restart('--require-signer=off');
    const scene = await Scene.of(world);
    await scene.sealAndApply({ password: 's3cret' });
    await scene.untilInSync({ password: 's3cret' });
    expect(await world.metrics()).not.toMatch(/_allowed_signers \d/);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { verified } from '../../packages/audit/src/testing/logs.ts';
import { createReporter } from '../../packages/controller/src/reconcile/reporter.ts';
import { createSecretStore } from '../../packages/controller/src/reconcile/secret/secret-store.ts';
import { auditLog } from '../../packages/controller/src/testing/audit-scene.ts';
import { httpScene, post } from '../../packages/controller/src/testing/http-scene.ts';
import { type Scene, useScene } from '../support/reconcile-scene.ts';

const PASSWORD = 'hunter2-of-the-audit-log';
/** A line of another log, as a name that an author chooses. */
const FORGED = '"}\n{"v":1,"seq":9,"kind":"controller.stopped","hash":"x"}\n\u001b[2J\u202e';
let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

/** What a reconcile tells an audit log. */
function audited() {
  const world = auditLog();
  const { audit } = world;
  const { events, log, metrics } = scene;
  const deps = {
    audit,
    secrets: createSecretStore(scene.api, undefined, audit),
    reporter: createReporter({ events, log, metrics, audit, now: () => new Date() }),
  };
  return Object.assign(world, { deps });
}

describe('an author of SealedSecrets', () => {
  it('forges no line by a name: newlines, JSON, escapes, a million characters', async () => {
    const world = audited();
    const object = await scene.seal({ namespace, name: 'db' }, { password: PASSWORD });
    const names = [FORGED, 'x'.repeat(400_000), '\u0000', 'a","kind":"x'];
    const encryptedData = Object.fromEntries(names.map((name) => [name, 'AAAA']));
    const key = await scene.store(Object.assign(object, { spec: { ...object.spec, encryptedData } }));
    expect(await scene.pass(key, world.deps)).toBeDefined();
    await world.audit.tick();
    expect(await verified([world.text])).toMatchObject({ findingCount: 0, lines: 2 });
    expect(world.text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(world.text.length).toBeLessThan(10_000);
    const [, refused] = world.lines();
    expect(refused).toMatchObject({ kind: 'secret.refused', object: { name: 'db' } });
  });
  it('forges no line by the field manager that changed the spec', async () => {
    const { audit, lines } = auditLog();
    const managedFields = [{ manager: FORGED.repeat(10_000), operation: FORGED, fieldsV1: { 'f:spec': {} } }];
    const object = audit.actors.keep({
      metadata: Object.assign({ namespace, name: 'db' }, { managedFields }),
    });
    audit.record({ kind: 'sealedsecret.opened', about: { kind: 'SealedSecret', object }, items: [FORGED] });
    await audit.tick();
    expect(lines().length).toBe(2);
    expect(lines()[1].actor.manager.length).toBe(256);
  });
  it('has no value in it, however it is encoded: opened, written, changed by hand, refused', async () => {
    const world = audited();
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: PASSWORD });
    const key = await scene.store(sealed);
    expect(await scene.pass(key, world.deps)).toBeUndefined();
    const template = { data: { password: '{{ fail .password }}' } };
    await scene.store(Object.assign(sealed, { spec: { ...sealed.spec, template } }));
    expect(await scene.pass(key, world.deps)).toBe('ERR_TEMPLATE_INVALID');
    await world.audit.tick();
    expect(world.lines().map(({ kind }) => kind)).toEqual([
      ...['controller.started', 'sealedsecret.opened', 'secret.created', 'secret.refused'],
    ]);
    const bytes = Buffer.from(PASSWORD);
    const ciphertext = String(sealed.spec.encryptedData['password']);
    const forms = ['utf8', 'base64', 'base64url', 'hex'] as const;
    for (const form of [...forms.map((each) => bytes.toString(each)), ciphertext.slice(0, 30), 'hunter2'])
      expect(world.text).not.toContain(form);
  });
});

describe('a peer', () => {
  const scenes: { close(): Promise<unknown> }[] = [];
  afterEach(() => Promise.all(scenes.splice(0).map((each) => each.close())));

  it('writes a bounded number of lines, whatever it sends, and nothing of it stands there', async () => {
    const world = auditLog();
    const http = await httpScene();
    scenes.push(http);
    const rateLimit = { perSecond: 1, burst: 5 };
    const config = { rateLimit, readTimeoutMs: 1_000, writeTimeoutMs: 1_000 };
    const app = http.server({ audit: world.audit, config });
    for (let request = 0; request < 300; request += 1)
      await post(app, ['/v1/verify', '/v1/rotate', '/v1/bulk/verify'][request % 3] ?? '', FORGED);
    world.nowMs += 10_000;
    await world.audit.tick();
    const told = world.lines().slice(1);
    expect(told.length).toBeLessThan(10);
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(300);
    expect(await verified([world.text])).toMatchObject({ findingCount: 0 });
    expect(world.text).not.toContain('stopped');
  });
  it('of a bulk request has a line with the answers about its objects', async () => {
    const world = auditLog();
    const http = await httpScene();
    scenes.push(http);
    const app = http.server({ audit: world.audit });
    const { sealed } = http;
    const moved = { ...sealed, metadata: { ...sealed.metadata, namespace: 'other' } };
    expect((await post(app, '/v1/bulk/verify', { items: [sealed, moved, sealed] })).statusCode).toBe(200);
    world.nowMs += 10_000;
    await world.audit.tick();
    expect(world.lines()[1]).toMatchObject({
      route: '/v1/bulk/verify',
      code: 200,
      objects: { 200: 2, 409: 1 },
    });
  });
});

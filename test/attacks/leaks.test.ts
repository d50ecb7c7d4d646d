import { describe, expect, it } from 'vitest';
import { createLogger } from '../../packages/controller/src/log.ts';
import { createSecretStore } from '../../packages/controller/src/reconcile/secret/secret-store.ts';
import { refuse, reply, serve } from '../../packages/kube/src/testing/scripted-server.ts';
import { type Scene, useScene } from '../support/reconcile-scene.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

/** Status, events and log after a webhook refused the Secret of `value` with these words. */
async function saidAfter(value: string, words: string, reason = 'Forbidden'): Promise<string> {
  const key = await scene.store(await scene.seal({ namespace, name: 'db' }, { item: value }));
  const deny = refuse(403, reason, `admission webhook "w.example.com" denied the request: ${words}`);
  const { client } = await serve((request, response) =>
    request.method === 'GET' ? reply(response, 404, {}) : deny(request, response),
  );
  expect(await scene.pass(key, { secrets: createSecretStore(client, undefined) })).toBe('ERR_API_REJECTED');
  const status = JSON.stringify((await scene.stored(key))['status']);
  return [status, ...scene.events.texts, ...scene.log.lines].join('\n');
}

const PASSWORD = 'hunter2-hunter2';
const DOCKER = JSON.stringify({ auths: { r: { password: PASSWORD, auth: btoa(`u:${PASSWORD}`) } } });

describe('what a webhook says of a Secret', () => {
  it.each([
    ['as it is', PASSWORD, `${PASSWORD} is weak`, PASSWORD],
    ['without its line end', `${PASSWORD}\n`, `${PASSWORD} is a known password`, PASSWORD],
    [
      'a line of several',
      `DB_USER=app\nDB_PASSWORD=${PASSWORD}\n`,
      `line 2: DB_PASSWORD=${PASSWORD}`,
      PASSWORD,
    ],
    ['a field of a docker config', DOCKER, `r: password ${PASSWORD} is forbidden`, PASSWORD],
    ['its decoded auth', DOCKER, `credentials u:${PASSWORD} are expired`, PASSWORD],
    ['a prefix', PASSWORD, 'value begins with hunter2-', 'hunter2-'],
    ['quoted by Go', 'tab\tq"uote', 'bad value "tab\\tq\\"uote"', 'uote'],
    ['quoted by Go with escapes', 'pass\u00adword-x', 'bad value "pass\\u00adword-x"', 'word-x'],
    ['in hex', PASSWORD, Buffer.from(PASSWORD).toString('hex'), Buffer.from(PASSWORD).toString('hex')],
    ['in a URL', 'p@ss/w0rd-x', 'cannot connect to postgres://u:p%40ss%2Fw0rd-x@h', 'w0rd-x'],
    ['of two letters', 'qz', 'PIN qz is too short', 'qz'],
    ["with the escapes of Go's JSON", 'a&b-s3cret', '{"item":"a\\u0026b-s3cret"}', 's3cret'],
    ['in base64url', '?>s3cret', Buffer.from('?>s3cret').toString('base64url'), 'Pz5zM2NyZXQ'],
    ['as a field error', PASSWORD, `Secret "db" is invalid: data: Invalid value: ${PASSWORD}`, PASSWORD],
  ])('is not repeated where it quotes a value %s', async (_form, value, words, canary) => {
    const said = await saidAfter(value, words);
    expect(said).not.toContain(canary);
    expect(said).toContain('denied the request');
  });

  it('is not repeated where it stands in the place of the reason', async () => {
    expect(await saidAfter(PASSWORD, 'no', PASSWORD)).not.toContain(PASSWORD);
  });
});

describe('names that authors choose', () => {
  it('stand escaped and cut in status, events and log when a template fails', async () => {
    const sealed = await scene.seal({ namespace, name: 'names' }, {});
    const long = 'n'.repeat(100_000);
    sealed.spec.template = { data: { 'a\u202egnp.exe\u009b2Jb': '{{', [long]: '{{' } };
    const key = await scene.store(sealed);
    expect(await scene.pass(key)).toBe('ERR_TEMPLATE_INVALID');
    const status = JSON.stringify((await scene.stored(key))['status']);
    const said = [status, ...scene.events.texts, ...scene.log.lines];
    for (const text of said) {
      expect(text).not.toMatch(/[\u202e\u009b]/);
      expect(text.length).toBeLessThan(12_000);
    }
    expect(status).toContain('\\\\u202e');
  });
});

describe('what is printed of a failure', () => {
  it('takes one line of the log', () => {
    const lines: string[] = [];
    const log = createLogger({
      minimumLevel: 0,
      format: 'text',
      isInfoOnStdout: true,
      stdout: (line) => lines.push(line),
      stderr: (line) => lines.push(line),
      now: () => new Date(0),
    });
    log.info('m', { name: 'a\nlevel=ERROR\u001b[2J\u009b' });
    expect(lines.join('')).toMatch(/^[ -~]*\n$/);
  });
});

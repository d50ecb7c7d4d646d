import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { inPlace } from '../../testing/kubeseal-process.ts';
import { factsIn, openedBy, recipients, STAGE, sealedDb } from '../../testing/v2/sealed.ts';

const EXPIRY = ['--bind-item', '--expires', '2099-01-01'];
const EDITOR = '#!/bin/sh\nsed -i "s/^user:/login:/" "$1"\n';

it.each([
  ['seals an item again under its new name, with its terms, where a key opens it', true],
  ['refuses to rename an item that is bound to its name and stays hidden', false],
])('kubeseal edit %s', async (_title, hasKey) => {
  const db = await sealedDb([...recipients(STAGE), ...EXPIRY]);
  const files = { 'db.yaml': db, 'k.yaml': STAGE.secret, 'editor.sh': EDITOR };
  await inPlace(files, async ({ run, path, env }) => {
    const keys = hasKey ? ['--recovery-private-key', 'k.yaml'] : [];
    const { code, stderr } = await run(['kubeseal', 'edit', ...recipients(STAGE), ...keys, 'db.yaml'], {
      env: { EDITOR: './editor.sh', BEFORE: env.PATH },
    });
    const after = await readFile(path('db.yaml'), 'utf8');
    if (!hasKey) {
      expect({ code, after }).toEqual({ code: 1, after: db });
      expect(stderr).toContain('the value of user is bound to its name');
      return;
    }
    expect(code).toBe(0);
    const expiresAt = new Date('2099-01-01T00:00:00Z');
    expect(factsIn(after)['login']).toMatchObject({ bindsItem: true, expiresAt });
    expect(await openedBy(STAGE.secret, after)).toEqual({ password: 'hunter2', login: 'ann' });
  });
});

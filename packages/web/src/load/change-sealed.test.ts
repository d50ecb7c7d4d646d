import { encodeBase64, generateKeyPair, parseSealedSecret, SIGNATURE } from '@fuin/crypto-core';
import { XWingKeyPair } from '@fuin/crypto-core/v2';
import { openManifests } from '@fuin/manifests/edit-in-place';
import { describe, expect, it } from 'vitest';
import { changeSealed } from './change-sealed.ts';

const signed = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
  annotations:
    team: blue
    ${SIGNATURE}: U1NIU0lH
spec:
  encryptedData:
    user: AgBx
    password: AgBy
`;

describe('changeSealed', () => {
  it('removes the signature of a sealer, which is over the values that were there before', async () => {
    const file = await openManifests(Buffer.from(signed), 'db.yaml');
    const [document] = file.documents;
    if (!document) throw new Error('the file has a document');
    const opened = { file, document, sealedSecret: parseSealedSecret(document.value) };
    const recipient = await generateKeyPair(2048);
    const changes = { set: [['password', new Uint8Array([1])]] as const, removed: [] };
    const changed = new TextDecoder().decode(await changeSealed(opened, changes, recipient));
    expect(changed).not.toContain(SIGNATURE);
    expect(changed).toContain('    team: blue\n');
    expect(changed).toContain('    user: AgBx\n');
  });
  it('seals no value for RSA in an object that has values of format v2', async () => {
    const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
    const v2 = encodeBase64(await pair.seal(new Uint8Array(1), new Uint8Array()));
    const file = await openManifests(Buffer.from(signed.replace('AgBx', v2)), 'db.yaml');
    const [document] = file.documents;
    if (!document) throw new Error('the file has a document');
    const opened = { file, document, sealedSecret: parseSealedSecret(document.value) };
    const rsa = await generateKeyPair(2048);
    for (const item of ['user', 'password', 'new']) {
      const changes = { set: [[item, new Uint8Array([1])]] as const, removed: [] };
      await expect(changeSealed(opened, changes, rsa)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    }
    // what seals nothing loses nothing
    const changed = await changeSealed(opened, { set: [], removed: ['password'] }, rsa);
    expect(new TextDecoder().decode(changed)).toContain(`    user: ${v2}\n`);
  });
});

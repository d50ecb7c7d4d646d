import { generateKeyPair, parseSealedSecret, SIGNATURE } from '@fuin/crypto-core';
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
});

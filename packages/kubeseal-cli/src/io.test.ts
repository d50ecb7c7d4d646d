import { describe, expect, it } from 'vitest';
import { programNameOf } from './io.ts';

describe('the name of the program', () => {
  it.each([
    [['/usr/bin/kubeseal', undefined], 'kubeseal'],
    [['node', '/work/bin/kubeseal.ts'], 'kubeseal'],
    [
      ['/home/a/.krew/bin/kubectl-seal_secret', '/home/a/.krew/bin/kubectl-seal_secret'],
      'kubectl seal-secret',
    ],
    [['node', '/usr/bin/kubectl-seal_secret'], 'kubectl seal-secret'],
    [['C:\\Users\\a\\.krew\\bin\\kubectl-seal_secret.exe'], 'kubectl seal-secret'],
    [['kubectl-seal-all_secrets'], 'kubectl seal all-secrets'],
    [['/opt/kubectl-tools/kubeseal'], 'kubeseal'],
  ])('is for %j: %s', (callers, name) => {
    expect(programNameOf(...callers)).toBe(name);
  });
});

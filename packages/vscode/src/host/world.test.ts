import { sendByFetch } from '@fuin/kubeseal-cli/editor';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { clearDesk, desk } from '../testing/vscode.ts';
import { collectWarnings, openFolders, worldOf } from './world.ts';

// the module exists inside of VS Code only, where test/vscode runs the extension
vi.mock('vscode', () => import('../testing/vscode.ts'));
beforeEach(clearDesk);

describe('worldOf', () => {
  it.each([
    [true, sendByFetch],
    [false, undefined],
  ])('sends requests only in a folder that is trusted: %s', (isTrusted, send) => {
    Object.assign(desk, { isTrusted });
    expect(worldOf('/folder').send).toBe(send);
  });
});

describe('openFolders', () => {
  it('leaves out a virtual folder, whose path names another one on this disk', () => {
    const folders = [
      { scheme: 'vscode-vfs', fsPath: '/etc' },
      { scheme: 'file', fsPath: '/folder' },
    ];
    Object.assign(desk, { folders });
    expect(openFolders()).toEqual(['/folder']);
  });
});

describe('collectWarnings', () => {
  it('shows warnings together, and no notes', () => {
    const warnings = collectWarnings();
    for (const text of ['warning: a', 'note: b', 'warning: c']) warnings.warn(text);
    warnings.show();
    expect(desk.shown).toEqual(['Kubeseal: a\nc']);
  });
});

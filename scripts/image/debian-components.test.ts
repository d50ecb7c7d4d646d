import { describe, expect, it } from 'vitest';
import { ALLOWED_IN_IMAGE, refusedLicenses } from '../licenses/notices.ts';
import { debianComponents } from './debian-components.ts';

describe('what the image takes from Debian', () => {
  it.each(['amd64', 'arm64'] as const)('has allowed licences, for %s', async (architecture) => {
    expect(refusedLicenses(await debianComponents(architecture), ALLOWED_IN_IMAGE)).toEqual([]);
  });
});

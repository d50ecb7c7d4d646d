import { describe, expect, it } from 'vitest';
import { follow } from './follow.ts';

describe('follow', () => {
  it('stops after five redirects', async () => {
    const asked: string[] = [];
    const send = async (url: string) => {
      asked.push(url);
      return { status: 302, statusText: 'Found', headers: { location: '/on' }, body: new Uint8Array() };
    };
    const url = 'https://certs.test/a.pem';
    const following = follow(new URL(url), url, { transport: { send }, acceptsHttp: false });
    await expect(following).rejects.toThrow('stopped after 5 redirects');
    expect(asked).toHaveLength(6);
  });
});

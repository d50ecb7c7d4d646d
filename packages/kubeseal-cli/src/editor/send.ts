import { SealedSecretsError } from '@fuin/crypto-core';
import { bounded } from '../io/bounded.ts';
import type { HttpAnswer } from '../io/http.ts';

/** Sends one GET request and follows no redirect. @throws ERR_API_UNAVAILABLE */
export type Send = (url: string) => Promise<HttpAnswer>;

const TIMEOUT_MS = 30_000;
/** A chain of certificates is a small part of it. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Sends by the fetch of the runtime, which in an editor knows its proxies and authorities. */
export const sendByFetch: Send = async (url) => {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { status, statusText, headers } = answer;
    const location = headers.get('location');
    const body = await bounded(answer.body ?? new Blob().stream(), MAX_BODY_BYTES);
    return { status, statusText, headers: location === null ? {} : { location }, body };
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    const origin = URL.parse(url)?.origin ?? 'the server';
    throw new SealedSecretsError('ERR_API_UNAVAILABLE', `cannot reach ${origin}`, { cause: error });
  }
};

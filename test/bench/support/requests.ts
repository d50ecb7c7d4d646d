import type { ApiClient } from '../../support/api/api-client.ts';
import { sumOf } from './settle.ts';

/** Requests that the API server has answered, by what they were. */
export type RequestCounts = ReadonlyMap<string, number>;

const KINDS: readonly (readonly [verb: string, resource: string, subresource: string])[] = [
  ['GET', 'secrets', ''],
  ['POST', 'secrets', ''],
  ['PUT', 'secrets', ''],
  ['GET', 'sealedsecrets', ''],
  ['POST', 'sealedsecrets', ''],
  ['PUT', 'sealedsecrets', 'status'],
  ['PATCH', 'sealedsecrets', 'status'],
  ['POST', 'events', ''],
  ['PATCH', 'events', ''],
];

/** Which of the counts is that of new events. */
export const CREATED_EVENTS = 'POST events';

/** What the API server has counted so far. */
export async function requestCounts(client: ApiClient): Promise<RequestCounts> {
  const { text } = await client.request('GET', '/metrics');
  return new Map(
    KINDS.map(([verb, resource, subresource]) => {
      const labels = new RegExp(
        `[{,]resource="${resource}",scope="[a-z]+",subresource="${subresource}",verb="${verb}"`,
      );
      const name = `${verb} ${resource}${subresource && `/${subresource}`}`;
      return [name, sumOf(text, 'apiserver_request_total', labels)];
    }),
  );
}

/** Requests between two looks for each of `count` objects, as a person reads them. */
export function formatRequests(before: RequestCounts, after: RequestCounts, count: number): string {
  return [...after]
    .map(([kind, total]) => [kind, (total - (before.get(kind) ?? 0)) / count] as const)
    .filter(([, perObject]) => perObject >= 0.005)
    .map(([kind, perObject]) => `${perObject.toFixed(2)} ${kind}`)
    .join(', ');
}

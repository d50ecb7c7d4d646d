import type { ApiClient, KubeObject, ListQuery, ResourceType } from '../client/types.ts';
import { apiFailureOf, isExpired } from '../transport/api-failure.ts';

/** A whole collection at one moment. */
export interface FullList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** What to list, how many objects to a page, and what to keep of each. */
export interface ListPlan {
  readonly client: ApiClient;
  readonly resource: ResourceType;
  readonly query: ListQuery;
  readonly pageSize: number;
  /** What to keep of an object; undefined leaves it out. */
  readonly transform: (object: KubeObject) => KubeObject | undefined;
  /** Called after each page: the server is alive. */
  readonly onPage: () => void;
}

/**
 * Lists a collection page by page. All pages show the moment of the first one, which the server keeps only
 * for minutes. When it expires, the list starts again, the second time without pages. Pages that are too
 * large to read are made smaller.
 */
export async function listAll(plan: ListPlan): Promise<FullList> {
  let limit = plan.pageSize;
  for (let expirations = 0; ; ) {
    try {
      return await listPages(plan, limit);
    } catch (error) {
      if (isExpired(error)) expirations += 1;
      limit = nextLimit(error, limit, expirations);
    }
  }
}

/** Page size of the next attempt; 0 means no pages. Throws the error if no page size helps. */
function nextLimit(error: unknown, limit: number, expirations: number): number {
  if (apiFailureOf(error)?.reason === 'ResponseTooLarge' && limit > 1) return Math.ceil(limit / 8);
  if (isExpired(error) && expirations <= 2) return expirations === 2 ? 0 : limit;
  throw error;
}

async function listPages(plan: ListPlan, limit: number): Promise<FullList> {
  const items: KubeObject[] = [];
  let position = '';
  for (;;) {
    const page = await plan.client.list(plan.resource, {
      ...plan.query,
      ...(limit > 0 && { limit }),
      ...(position && { continue: position }),
    });
    plan.onPage();
    for (const item of page.items) {
      const kept = plan.transform(item);
      if (kept) items.push(kept);
    }
    if (!page.continue) return { items, resourceVersion: page.resourceVersion };
    position = page.continue;
  }
}

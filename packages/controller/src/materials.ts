import type { ApiClient } from '@fuin/kube/client';
import type { Config } from './config/config.ts';
import type { Logger } from './log.ts';

/** What everything is made from. */
export interface Materials {
  readonly config: Config;
  readonly client: ApiClient;
  /** For the Lease: a request that hangs must leave time for another before leadership ends. */
  readonly electionClient: ApiClient;
  /** The controller's own. */
  readonly namespace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

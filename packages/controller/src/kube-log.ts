import type { Logger as KubeLogger } from '@fuin/kube/logger';
import { describeError } from './describe-error.ts';
import type { LogFields, Logger } from './log.ts';

/** Lets `kube/` write to the controller's log. */
export function kubeLogger(log: Logger): KubeLogger {
  return { log: (level, message, fields = {}) => log[level](message, flatten(fields)) };
}

function flatten(fields: Readonly<Record<string, unknown>>): LogFields {
  const entries = Object.entries(fields).flatMap(([name, value]): [string, LogFields[string]][] => {
    if (value instanceof Error) return Object.entries(describeError(value));
    if (value === undefined || typeof value === 'number' || typeof value === 'boolean')
      return [[name, value]];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(entries);
}

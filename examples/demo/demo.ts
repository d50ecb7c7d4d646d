import { parseArgs } from 'node:util';
import { runJourney } from './journey.ts';
import { Narrator } from './narrator.ts';
import { openClusterStage, openLocalStage } from './stage.ts';

/**
 * `pnpm demo [--keep] [--cluster]`: seal, commit, apply, unseal, and what happens to a copy that was tampered with.
 * Without a cluster it starts an API server in this process; --cluster uses the one of KUBECONFIG, in a namespace of its own.
 */
const { values: flags } = parseArgs({ options: { keep: { type: 'boolean' }, cluster: { type: 'boolean' } } });
const narrator = new Narrator(process.stdout);
const stage = await (flags.cluster ? openClusterStage(narrator) : openLocalStage(narrator));
try {
  await runJourney(stage, narrator);
  if (flags.keep) await keepRunning();
} finally {
  await stage.close();
}
narrator.end();

function keepRunning(): Promise<void> {
  const kubectl = `KUBECONFIG=${stage.kubeconfig} kubectl -n ${stage.namespace} get sealedsecrets,secrets`;
  narrator.tell(`Still running; Ctrl-C ends it. Look around with\n\n${kubectl}`);
  const { promise, resolve } = Promise.withResolvers<void>();
  const alive = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  return promise.finally(() => clearInterval(alive));
}

import { commandsFor, readArguments } from './arguments.ts';

/**
 * `pnpm demo [--keep] [--cluster]`: seal, commit, apply, unseal, and what happens to a copy that was tampered
 * with. Without a cluster it starts an API server in this process; --cluster uses the one of KUBECONFIG, in a
 * namespace of its own.
 */
const options = readArguments(process.argv.slice(2), process.env);
if ('line' in options) {
  process.exitCode = options.exitCode;
  (options.exitCode === 0 ? process.stdout : process.stderr).write(`${options.line}\n`);
} else {
  await play(options);
}

async function play(flags: { readonly keep: boolean; readonly cluster: boolean }): Promise<void> {
  const [{ runJourney }, { Narrator }, { openGivenCluster, openLocalCluster }] = await Promise.all([
    import('./journey.ts'),
    import('./narrator.ts'),
    import('./clusters.ts'),
  ]);
  const narrator = new Narrator(process.stdout);
  const cluster = await (flags.cluster ? openGivenCluster(narrator) : openLocalCluster(narrator));
  try {
    await runJourney(cluster, narrator);
    if (flags.keep) {
      narrator.tell(
        `Still running; Ctrl-C ends it. Look around, and seal something, with\n\n${commandsFor(cluster)}`,
      );
      await untilStopped();
    }
  } finally {
    await cluster.close();
  }
  narrator.end();
}

function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const alive = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  return promise.finally(() => clearInterval(alive));
}

import type { Installation } from './installation.ts';

/** What came of asking again and again. */
export interface Answers {
  readonly succeeded: number;
  /** What kubeseal said, each time that it failed. */
  readonly failures: readonly string[];
}

/** Runs `kubeseal --fetch-cert`, one after the other, from before something happens until after it. */
export async function fetchCertDuring(
  release: Installation,
  happens: () => Promise<unknown>,
): Promise<Answers> {
  const failures: string[] = [];
  let succeeded = 0;
  let isOver = false;
  const once = () =>
    release.fetchCert().then(
      () => {
        succeeded += 1;
      },
      (error: Error) => failures.push(error.message),
    );
  const asking = (async () => {
    while (!isOver) await once();
  })();
  try {
    await once();
    await happens();
  } finally {
    isOver = true;
    await asking;
  }
  await once();
  return { succeeded, failures };
}

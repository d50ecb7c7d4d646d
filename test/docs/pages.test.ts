import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forPage, normalise, patternOf } from '../support/pages/output.ts';
import { type Block, documentedBlocks, titleOf } from '../support/pages/page.ts';
import { openSession } from './open-session.ts';
import { CONTEXTS, PLAYED_ELSEWHERE, PREPARATIONS } from './preparations.ts';
import type { Played, Session } from './session.ts';

const EVENTUALLY_MS = 60_000;
const ROOT = join(import.meta.dirname, '..', '..');
/** FUIN_RECORD=1 writes what the commands of this page say into it. */
const RECORDED = process.env['FUIN_RECORD'] === '1' ? 'docs/terminal.md' : undefined;
const blocks = documentedBlocks().filter(
  ({ page, notRun, runBy }) => !notRun && !runBy && !(page in PLAYED_ELSEWHERE),
);

describe.each([...new Set(blocks.map(({ page }) => page))])('%s', (page) => {
  let session: Session;
  beforeAll(async () => {
    session = await openPrepared(page);
  });
  afterAll(() => session?.close());

  const played = blocks
    .filter((block) => block.page === page)
    .map((block) => [titleOf(block), block] as const);
  it.each(played)('does what it says at %s', async (_title, block) => {
    if (block.isInNewCluster) {
      await session.close();
      session = await openPrepared(page);
    }
    const { code, output } = await play(session, block);
    expect({ code, output }).toEqual({ code: block.exitCode, output: expect.any(String) });
    if (block.output === undefined) return;
    if (page === RECORDED) record(block, output);
    else expect(normalise(output)).toEqual(expect.stringMatching(patternOf(block.output)));
  });
});

/** A session in which the reader has done what the page takes for granted. */
async function openPrepared(page: string): Promise<Session> {
  const session = await openSession(CONTEXTS[page] ?? ['production']);
  for (const script of PREPARATIONS[page] ?? []) {
    const { code, output } = await session.run(script);
    if (code === 0) continue;
    await session.close();
    throw new Error(output);
  }
  return session;
}

/** Runs a block; one that shows what comes after a while is run until it does. */
async function play(session: Session, block: Block): Promise<Played> {
  const { script, output: shown = '', isEventual } = block;
  for (const deadline = Date.now() + EVENTUALLY_MS; ; await sleep(500)) {
    const played = await session.run(script);
    const isShown = played.code === block.exitCode && patternOf(shown).test(normalise(played.output));
    if (!isEventual || isShown || Date.now() > deadline) return played;
  }
}

function record({ page, script, output = '' }: Block, actual: string): void {
  const path = join(ROOT, page);
  const block = (shown: string) => `${script}\`\`\`\n\n\`\`\`text\n${shown}\`\`\``;
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(block(output), () => block(`${forPage(actual)}\n`)),
  );
}

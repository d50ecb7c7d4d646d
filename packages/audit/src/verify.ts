// Over 200 lines: one walk over a log, line by line.
import { type Line, NO_HASH, readLine } from './chain.ts';
import type { RawLine } from './split-lines.ts';
import { TAIL_BYTES, tornOf } from './tail.ts';

/** What may be wrong with a log: a closed list. */
export type Problem =
  | 'changed' // a line is not as it was written, or is none
  | 'missing' // lines are missing between two
  | 'out-of-order' // a line stands twice, or at the wrong place
  | 'beginning-missing' // the first line is not the first of its chain
  | 'end-unproven' // a new chain begins, and the one before did not end in order
  | 'end-torn' // the last line is not whole
  | 'head-missing' // the line of an anchor is not there
  | 'newer-format';

/** Where a line stands. */
export interface Place {
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
}

/** One thing that is wrong. */
export interface Finding extends Place {
  readonly problem: Problem;
  /** For a person; holds nothing of a line but numbers, and hashes that the caller gave. */
  readonly message: string;
}

/** A chain, as far as it was read. */
export interface ChainReport {
  readonly chain: string;
  readonly first: number;
  last: number;
  readonly from: string;
  to: string;
  head: string;
}

/** What a walk over a log found. Lists are bounded, counts are not. */
export interface Report {
  readonly lines: number;
  /** The first ones. */
  readonly chains: readonly ChainReport[];
  readonly chainCount: number;
  /** How often a process began to write, and how often the one before had not ended in order. */
  readonly starts: number;
  readonly crashes: number;
  /** Lines that a crash tore and the next process explained. */
  readonly torn: number;
  /** Events that the controller could not write, as it told. */
  readonly lost: number;
  /** The first ones, in order. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

/** What the caller knows from elsewhere. */
export interface Anchors {
  /** Hashes of lines that must be there. */
  readonly heads?: readonly string[];
  /** The hash that the first line must follow: the files before it were left out on purpose. */
  readonly after?: string | undefined;
}

const MAX_FINDINGS = 100;
const MAX_CHAINS = 100;

type Wrong = readonly [Problem, string];

/** Bytes that are no line, as long as the next line may still tell of them. */
interface Unread {
  readonly place: Place;
  /** Undefined once there is too much of it. */
  text: string | undefined;
  count: number;
  /** Whether the last of it stands at the end of a file, without a line end. */
  isCutOff: boolean;
}

/** Walks over a log in order, with memory that does not grow with it. */
export class Verifier {
  readonly #awaited: Set<string>;
  readonly #known: ReadonlySet<string>;
  readonly #after: string | undefined;
  readonly #findings: Finding[] = [];
  readonly #chains: ChainReport[] = [];
  readonly #counts = { lines: 0, chainCount: 0, starts: 0, crashes: 0, torn: 0, lost: 0, findingCount: 0 };
  #place: Place = { file: '', line: 0 };
  #last: Line | undefined;
  #unread: Unread | undefined;
  /** How many lines since the last one cannot be read: the next one may follow these. */
  #unreadable = 0;

  constructor({ heads = [], after }: Anchors = {}) {
    this.#awaited = new Set(heads);
    this.#known = new Set(heads);
    this.#after = after;
  }

  /** The next line of a file. @param file names it in findings */
  add(file: string, raw: RawLine): void {
    this.#place = { file, line: this.#place.file === file ? this.#place.line + 1 : 1 };
    this.#counts.lines += 1;
    const line = raw.text === undefined ? undefined : readLine(raw.text);
    if (line === 'newer') this.#find('newer-format', 'it was written by a newer version than this one knows');
    else if (line) this.#take(raw.text ?? '', line);
    else this.#keepUnread(raw);
  }

  #take(text: string, line: Line): void {
    this.#settleUnread(text, line);
    this.#checkPlace(line);
    this.#count(line);
    this.#last = line;
    this.#unreadable = 0;
  }

  /** What was found; call it once, at the end. */
  report(): Report {
    const unread = this.#unread;
    if (unread?.isCutOff && unread.count === 1)
      this.#find('end-torn', 'the last line is not whole: a crash, or it was cut off', unread.place);
    else this.#giveUpUnread();
    if (this.#counts.lines === 0) this.#find('beginning-missing', 'there is no line');
    for (const head of this.#awaited)
      this.#find('head-missing', `no line has the hash ${head}: lines were cut off or written anew`);
    return { ...this.#counts, chains: this.#chains, findings: this.#findings };
  }

  #keepUnread({ text, isEnded }: RawLine): void {
    const before = this.#unread;
    // more than the controller reads at a start cannot be explained
    if (before?.text === undefined || text === undefined || before.text.length > TAIL_BYTES) {
      this.#giveUpUnread();
      this.#unread = { place: this.#place, text, count: 1, isCutOff: !isEnded };
      return;
    }
    before.text = `${before.text}\n${text}`;
    before.count += 1;
    before.isCutOff = !isEnded;
  }

  /** A line may tell of the bytes before it, or begin like them: it was written again after a rotation. */
  #settleUnread(text: string, line: Line): void {
    const unread = this.#unread;
    if (!unread) return;
    const torn = unread.text === undefined ? undefined : tornOf(unread.text);
    const isTold =
      torn?.sha256 === line.torn?.sha256 && torn?.bytes === line.torn?.bytes && torn !== undefined;
    const isWrittenAgain =
      unread.isCutOff && unread.count === 1 && unread.text !== undefined && text.startsWith(unread.text);
    if (!isTold && !isWrittenAgain) {
      this.#giveUpUnread();
      return;
    }
    this.#counts.torn += unread.count;
    this.#unread = undefined;
  }

  #giveUpUnread(): void {
    const unread = this.#unread;
    if (!unread) return;
    const others = unread.count - 1;
    const more = others > 0 ? `, and neither ${others === 1 ? 'is the next' : `are the next ${others}`}` : '';
    this.#find('changed', `it is not as it was written${more}`, unread.place);
    this.#unreadable = unread.count;
    this.#unread = undefined;
  }

  #checkPlace(line: Line): void {
    const wrong = this.#last ? this.#afterLast(this.#last, line) : this.#asFirst(line);
    if (wrong) this.#find(...wrong);
  }

  #asFirst(line: Line): Wrong | undefined {
    if (this.#after === undefined ? isBeginning(line) : line.prev === this.#after) return undefined;
    return ['beginning-missing', `it has number ${line.seq}, and lines before it are missing`];
  }

  #afterLast(last: Line, line: Line): Wrong | undefined {
    if (line.chain !== last.chain) return this.#asNewChain(last, line);
    const missing = line.seq - last.seq - 1;
    if (this.#unreadable > 0 && missing === this.#unreadable) return undefined;
    if (missing < 0)
      return ['out-of-order', `it has number ${line.seq} and stands behind number ${last.seq}`];
    if (missing > 0)
      return ['missing', `${missing} ${missing === 1 ? 'line is' : 'lines are'} missing before it`];
    return line.prev === last.hash ? undefined : ['changed', 'it does not follow the line before it'];
  }

  #asNewChain(last: Line, line: Line): Wrong | undefined {
    if (!isBeginning(line))
      return ['beginning-missing', 'another chain goes on here, whose beginning is missing'];
    if (last.kind === 'controller.stopped' || this.#known.has(last.hash)) return undefined;
    return ['end-unproven', 'a new chain begins, and nothing proves where the one before ended'];
  }

  #count(line: Line): void {
    const counts = this.#counts;
    if (line.kind === 'controller.started') {
      counts.starts += 1;
      if (this.#last && this.#last.kind !== 'controller.stopped') counts.crashes += 1;
    }
    if (line.kind === 'audit.lost') counts.lost += line.count ?? 0;
    this.#awaited.delete(line.hash);
    this.#noteChain(line);
  }

  #noteChain({ chain, seq, time, hash }: Line): void {
    const isNew = this.#last?.chain !== chain;
    const current = isNew ? undefined : this.#chains.at(-1);
    if (current?.chain === chain) Object.assign(current, { last: seq, to: time, head: hash });
    if (!isNew) return;
    this.#counts.chainCount += 1;
    if (this.#chains.length < MAX_CHAINS)
      this.#chains.push({ chain, first: seq, last: seq, from: time, to: time, head: hash });
  }

  #find(problem: Problem, message: string, place = this.#place): void {
    this.#counts.findingCount += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ ...place, problem, message });
  }
}

function isBeginning({ seq, prev }: Line): boolean {
  return seq === 1 && prev === NO_HASH;
}

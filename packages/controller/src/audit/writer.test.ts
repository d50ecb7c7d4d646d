import { type AuditEvent, type Head, readTail } from '@fuin/audit';
import { describe, expect, it } from 'vitest';
import { verified } from '../../../audit/src/testing/logs.ts';
import type { FileChange, Sink } from './file-sink.ts';
import { ChainWriter } from './writer.ts';

const full = () => Object.assign(new Error('no space'), { code: 'ENOSPC' });

/** A disk in memory that takes no more than `room` bytes. */
class Disk implements Sink {
  bytes = Buffer.alloc(0);
  room = Number.POSITIVE_INFINITY;
  isBroken = false;
  next: FileChange | undefined;
  writes = 0;

  open = async () => {
    if (this.isBroken) throw full();
    return readTail(this.bytes);
  };
  change = async () => {
    const { next } = this;
    this.next = undefined;
    return next;
  };
  append = async (bytes: Uint8Array) => {
    this.writes += 1;
    const taken = Math.min(bytes.length, this.room);
    if (taken === 0) throw full();
    this.room -= taken;
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(0, taken)]);
    return taken;
  };
  close = async () => undefined;
}

function writerOn(disk: Disk) {
  const told: string[] = [];
  const heads: Head[] = [];
  const writer = new ChainWriter({
    sink: disk,
    now: () => new Date('2026-01-02T03:04:05Z'),
    started: { identity: 'pod-a' },
    onFailure: () => told.push('failed'),
    onRecovery: () => told.push('recovered'),
    onLoss: () => told.push('lost'),
    onWritten: (head) => heads.push(head),
  });
  return { writer, told, heads };
}

const event = (at: number): AuditEvent => ({ kind: 'leader.started', identity: `pod-${at}` });
const kinds = (disk: Disk) => {
  const lines = disk.bytes.toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line).kind);
};

describe('ChainWriter', () => {
  it('begins with a line about itself, and numbers without gaps', async () => {
    const disk = new Disk();
    const { writer, heads } = writerOn(disk);
    for (let at = 0; at < 700; at += 1) writer.add(event(at));
    await writer.close();
    expect(await verified([disk.bytes])).toMatchObject({ findingCount: 0, lines: 701, starts: 1 });
    expect(heads.at(-1)?.seq).toBe(701);
    expect(disk.writes).toBeLessThan(10); // many lines at once
  });
  it('writes an event that comes while the last write ends', async () => {
    const disk = new Disk();
    const { writer } = writerOn(disk);
    for (let at = 0; at < 20; at += 1) {
      writer.add(event(at));
      await Promise.resolve();
    }
    await expect.poll(() => kinds(disk).length).toBe(21);
  });
  it('finishes a line that a full disk took in part, at whatever byte', async () => {
    for (let room = 1; room < 560; room += 13) {
      const disk = new Disk();
      disk.room = room;
      const { writer, told } = writerOn(disk);
      writer.add(event(1));
      await writer.flush();
      expect([told, writer.isFailing], `${room}`).toEqual([['failed'], true]);
      disk.room = Number.POSITIVE_INFINITY;
      writer.add(event(2));
      await writer.flush();
      expect(told).toEqual(['failed', 'recovered']);
      expect(await verified([disk.bytes]), `${room}`).toMatchObject({ findingCount: 0, lines: 3, torn: 0 });
    }
  });
  it('keeps what happened while nothing can be opened, and tells by a line how much had no room', async () => {
    const disk = new Disk();
    disk.isBroken = true;
    const { writer, told } = writerOn(disk);
    for (let at = 0; at < 9_000; at += 1) writer.add(event(at));
    await writer.flush();
    expect(writer.isFailing).toBe(true);
    const lost = told.filter((word) => word === 'lost').length;
    expect(lost).toBeGreaterThan(700);
    disk.isBroken = false;
    await writer.flush();
    const report = await verified([disk.bytes]);
    expect(report).toMatchObject({ findingCount: 0, lost });
    expect(report.lines + lost).toBe(9_000 + 2); // the start, and the line about those lost
    expect([writer.isFailing, kinds(disk).at(-1)]).toEqual([false, 'audit.lost']);
  });
  it('fails as long as it has not told what had no room, although the disk takes lines', async () => {
    const { writer, told } = writerOn(new Disk());
    for (let at = 0; at < 9_000; at += 1) writer.add(event(at));
    expect([told.includes('lost'), writer.isFailing]).toEqual([true, true]);
    await writer.flush();
    expect([told.includes('failed'), writer.isFailing]).toEqual([false, false]);
  });
  it('goes on with the chain of the file, and tells of a line that a crash tore', async () => {
    const before = new Disk();
    const first = writerOn(before).writer;
    for (let at = 0; at < 3; at += 1) first.add(event(at));
    await first.flush();
    for (const lost of [0, 1, 2, 100]) {
      const disk = new Disk();
      disk.bytes = before.bytes.subarray(0, before.bytes.length - lost);
      const { writer } = writerOn(disk);
      writer.add(event(9));
      await writer.flush();
      const report = await verified([disk.bytes]);
      expect(report, `${lost}`).toMatchObject({ findingCount: 0, starts: 2, chainCount: 1 });
      expect(report.torn, `${lost}`).toBe(lost > 1 ? 1 : 0);
    }
  });
  it('tells that the file was replaced, and writes again what the old one has in part', async () => {
    const disk = new Disk();
    const { writer } = writerOn(disk);
    writer.add(event(1));
    await writer.flush();
    disk.room = 50;
    writer.add(event(2));
    await writer.flush();
    const old = disk.bytes;
    Object.assign(disk, { bytes: Buffer.alloc(0), room: Number.POSITIVE_INFINITY, next: 'replaced' });
    await writer.flush();
    expect(kinds(disk)).toEqual(['leader.started', 'audit.file-changed']);
    expect(await verified([old, disk.bytes])).toMatchObject({ findingCount: 0, torn: 1, chainCount: 1 });
  });
  it('says to those who wait whether their line is written', async () => {
    const disk = new Disk();
    const { writer } = writerOn(disk);
    const answers: unknown[] = [];
    writer.add(event(1), (error) => answers.push(error ?? 'written'));
    await writer.flush();
    disk.room = 0;
    writer.add(event(2), (error) => answers.push(error ?? 'written'));
    await writer.flush();
    expect(answers).toEqual(['written', expect.objectContaining({ code: 'ENOSPC' })]);
  });
});

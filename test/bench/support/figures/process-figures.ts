import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** Linux counts CPU time of processes in ticks of this length. */
const TICK_MS = 10;
const SHELLS = ['sh', 'dash', 'bash', 'unshare', 'busybox'];

/** CPU time that a process has used so far, all threads, in milliseconds. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold spaces
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/**
 * CPU time of the processes that end during the work. Other work on the machine hardly changes it.
 */
export function cpuOf(work: () => void): number {
  const ticks = () => {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[13]) + Number(fields[14]); // cutime and cstime
  };
  const before = ticks();
  work();
  return (ticks() - before) * TICK_MS;
}

/** Resident memory of a process, in MiB. */
export interface Memory {
  readonly nowMiB: number;
  readonly peakMiB: number;
  /**
   * What of it is the process's own. The rest are pages of files, mostly of the executable: shared, dropped
   * when memory is short, and more or fewer by how the file came into the page cache.
   */
  readonly ownMiB: number;
}

/** Resident memory now and at its highest. */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  return {
    nowMiB: mebibytes('VmRSS'),
    peakMiB: mebibytes('VmHWM'),
    ownMiB: mebibytes('RssAnon'),
  };
}

/** The process, no shell around it, that was started with this argument. @throws when there is none */
export async function findProcess(argument: string): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.split('\0').includes(argument)) continue;
    const program = await readlink(`/proc/${pid}/exe`).catch(() => 'sh');
    if (!SHELLS.includes(basename(program))) return Number(pid);
  }
  throw new Error(`no process has the argument ${argument}`);
}

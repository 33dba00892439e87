import { readBirth } from '../processes/process.ts';

/** Names a process for good: pid and birth, in letters that are safe on a command line and in a file. */
export function ownerMark(pid: number = process.pid): string {
  return `hms-owner-${pid}-${readBirth(pid).replace(/[^A-Za-z0-9]/g, '')}`;
}

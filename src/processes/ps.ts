/** Processes as ps(1) tells them, where there is no /proc (macOS, BSD). One run for all of them. */
import { execFileSync } from 'node:child_process';
import type { ProcessInfo } from './stat.ts';

const COLUMNS = ['pid', 'ppid', 'pgid', 'tty', 'state', 'time', 'rss', 'lstart', 'comm'];

/** `Sat Nov  1 13:42:03 2026`: the five words of lstart, as they stand, so that they equal what `readBirth` reads. */
const LINE =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/;

/** Reads what `ps -axo pid=,ppid=,pgid=,tty=,state=,time=,rss=,lstart=,comm=` prints; other lines are passed over. */
export function parsePs(text: string): readonly ProcessInfo[] {
  return text.split('\n').flatMap(line => {
    const [, pid, parent, group, tty = '', state = '', time = '', rss, born = '', name = ''] =
      LINE.exec(line) ?? [];
    if (pid === undefined) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        // ps of macOS has no sessions; a terminal of its own tells an agent's processes as well.
        session: 0,
        tty: /^\?+$|^-$/.test(tty) ? '' : tty,
        state: state.charAt(0),
        born,
        name: name.slice(name.lastIndexOf('/') + 1),
        cpuMs: timeMs(time),
        childrenMs: 0,
        rss: Number(rss) * 1024,
        threads: null,
      },
    ];
  });
}

/** `1-02:03:04`, `02:03:04`, `3:04.56` in ms. */
function timeMs(time: string): number {
  const [, days = '0', clock = ''] = /^(?:(\d+)-)?([\d:.]+)$/.exec(time) ?? [];
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}

/** Throws what execFileSync throws when ps cannot be run. */
export function listByPs(): readonly ProcessInfo[] {
  const format = COLUMNS.map(column => `${column}=`).join(',');
  return parsePs(
    execFileSync('ps', ['-axww', '-o', format], {
      encoding: 'utf8',
      // Nothing else is done meanwhile.
      timeout: 500,
      maxBuffer: 64 << 20,
      env: { ...process.env, LC_ALL: 'C' },
    }),
  );
}

/** Points in time as people write them: on a command line, in the console. */
import { HmsError } from './errors.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `10m`, `2h`, `3d` before now; `14:30` or `14:30:05` of today, local time; a date or date and time as ISO 8601
 * has them, local unless they say otherwise. Milliseconds since the epoch. Throws HmsError `bad-time`.
 */
export function parseWhen(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNITS[unit] ?? 0);
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text) ?? [];
  if (hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60) {
    return new Date(now).setHours(Number(hours), Number(minutes), Number(seconds), 0);
  }
  // A date alone is UTC to JavaScript; people mean their own day.
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text;
  const time = /^\d{4}-\d{2}-\d{2}[T ]/.test(day) ? new Date(day).getTime() : Number.NaN;
  if (Number.isNaN(time)) {
    throw new HmsError('bad-time', `${text} is no time`, 'write 10m, 2h, 3d, 14:30 or 2026-08-03T14:30');
  }
  return time;
}

/** `2026-08-03 14:30:05`, local time. */
export function localTime(ms: number): string {
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [String(d.getFullYear()).padStart(4, '0'), two(d.getMonth() + 1), two(d.getDate())].join('-');
  return `${day} ${[d.getHours(), d.getMinutes(), d.getSeconds()].map(two).join(':')}`;
}

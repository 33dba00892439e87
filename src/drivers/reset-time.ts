/**
 * When a provider says that a limit is over, in the ways in which providers say it: a moment in seconds since the epoch
 * or by ISO 8601, so and so long, or a time of day with or without a date and a zone. The words are not to be trusted:
 * they are read in bounds, and a time that is far away is none.
 */
import type { Millis } from '../model/ids.ts';

/** Words looked at, UTF-16 units. */
const MOST = 2000;
const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
/** No provider has longer limits than a month. */
const FARTHEST_MS = 32 * DAY;
/** A time of day that passed so lately is the one that was meant, not tomorrow's. */
const JUST_MS = 30 * MINUTE;

const UNITS = { d: DAY, h: HOUR, m: MINUTE, s: SECOND } as const;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const EPOCH = /(?:resets?[_ -]?at\W{1,4}|limit reached\|)(\d{10})(?!\d)/i;
const ISO = /\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))/;
const SECONDS =
  /\b(?:retry[-_ ]after(?:[-_ ]seconds)?|resets?[_ -]in[_ -]seconds)\W{1,4}(\d{1,7})\b(?![.:]\d)/i;
const LASTING =
  /\b(?:in|after|for)\s+((?:(?:about |an? )?\d{1,4}(?:\.\d{1,3})?\s?(?:days?|hours?|hrs?|hr|minutes?|mins?|min|seconds?|secs?|sec|[dhms])(?![a-z])[ ,]*(?:and )?){1,4})/i;
const PART = /(\d+(?:\.\d+)?)\s?([dhms])/gi;
const CLOCK =
  /\b(?:resets?|again|available)\s+(?:at\s+|on\s+)?(?:([a-z]{3,9})\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:(\d{4}),?\s+)?(?:at\s+)?)?(\d{1,2})(?::(\d\d))?\s?([ap]m)?(?:\s*\(([A-Za-z_+-]+(?:\/[A-Za-z_+-]+){0,2})\))?/i;

/** undefined where they do not say. */
export function resetIn(told: string, now: Millis): Millis | undefined {
  const words = told.slice(0, MOST);
  const at = moment(words) ?? lasting(words, now) ?? clock(words, now);
  return at !== undefined && at <= now + FARTHEST_MS && at >= now - JUST_MS ? at : undefined;
}

function moment(words: string): Millis | undefined {
  const seconds = EPOCH.exec(words)?.[1];
  if (seconds) return Number(seconds) * SECOND;
  const iso = ISO.exec(words)?.[1];
  const at = iso ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function lasting(words: string, now: Millis): Millis | undefined {
  const seconds = SECONDS.exec(words)?.[1];
  if (seconds) return now + Number(seconds) * SECOND;
  const parts = LASTING.exec(words)?.[1];
  if (!parts) return undefined;
  let ms = 0;
  for (const [, count, unit] of parts.matchAll(PART))
    ms += Number(count) * UNITS[unit?.toLowerCase() as keyof typeof UNITS];
  return now + ms;
}

/** The next time it is that time where the provider says, or where we are. */
function clock(words: string, now: Millis): Millis | undefined {
  const found = CLOCK.exec(words);
  if (!found) return undefined;
  const [, month = '', date, year, hours, minutes = '0', half, zone] = found;
  const minute = Number(minutes);
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hours);
  // A number alone is no time of day.
  if (hour > 23 || minute > 59 || (!half && found[5] === undefined)) return undefined;
  const here = zoneOr(zone);
  const today = dateIn(now, here);
  if (!date) {
    const at = instant({ ...today, hour, minute }, here);
    return at >= now - JUST_MS ? at : instant({ ...today, day: today.day + 1, hour, minute }, here);
  }
  const named = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  if (named < 0) return undefined;
  const day = { year: Number(year ?? today.year), month: named + 1, day: Number(date), hour, minute };
  const at = instant(day, here);
  return year === undefined && at < now - JUST_MS ? instant({ ...day, year: day.year + 1 }, here) : at;
}

interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** One that is not known is ours. */
function zoneOr(name: string | undefined): string | undefined {
  try {
    return name && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function dateIn(at: Millis, timeZone: string | undefined): WallTime {
  const format = new Intl.DateTimeFormat('en-u-hc-h23', {
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    ...(timeZone && { timeZone }),
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
  };
}

/** When it is that time there: the offset is looked up at the guess, and again where that has crossed a change of clocks. */
function instant(wall: WallTime, timeZone: string | undefined): Millis {
  const utc = (of: WallTime): Millis => Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute);
  const wanted = utc(wall);
  let at = wanted;
  for (let pass = 0; pass < 2; pass += 1) at += wanted - utc(dateIn(at, timeZone));
  return at;
}

/** A systemd service unit (systemd.service(5), systemd.unit(5)). */
import { Carrying, durationText, type Translation } from './carried.ts';
import { readIni } from './ini.ts';

const WHEN: Readonly<Record<string, { readonly when: string; readonly differs?: string }>> = {
  no: { when: 'never' },
  always: { when: 'always' },
  'on-failure': { when: 'on-failure' },
  'on-abnormal': { when: 'on-failure', differs: 'an exit status other than 0 is a failure here too' },
  'on-abort': { when: 'on-failure', differs: 'an exit status other than 0 is a failure here too' },
  'on-watchdog': { when: 'on-failure', differs: 'every failure starts it again here' },
  'on-success': { when: 'always', differs: 'it is started after a failure too' },
};

/** Meant, but another tool's matter, or done otherwise here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  RestartPreventExitStatus: 'no exit status is told apart here; let the program end with 0',
  RestartForceExitStatus: 'no exit status is told apart here',
  SuccessExitStatus: 'only 0 is a clean end here',
  OnFailure: 'a rule of notifications tells people: when: {events: [failed]}',
  StartLimitAction: 'a person is asked once restarts are spent',
  ExecStartPre: 'put it into the command',
  ExecStop: 'an agent is ended by closing its pane',
  ExecReload: 'nothing reloads an agent; hms agent restart starts it anew',
  TimeoutStopSec: 'how long an end may take is fixed here',
  CPUQuota: 'limits of the machine are the system’s; alerts: marks what uses much',
  MemoryHigh: 'only one limit of memory is known here',
};

/** Throws nothing: what cannot be read is not carried over, and said. */
export function fromSystemd(text: string, name: string): Translation {
  const ini = readIni(text);
  const unit = new Map([...(ini.get('Unit') ?? []), ...(ini.get('Service') ?? [])]);
  const to = new Carrying();
  const when = unit.get('Restart');
  const known = when === undefined ? WHEN['no'] : WHEN[when];
  if (known) to.restart['when'] = known.when;
  if (known?.differs) to.lose(`Restart=${when}`, known.differs);
  if (!known) to.lose(`Restart=${when}`, 'it is no policy of systemd');
  const burst = Number(unit.get('StartLimitBurst') ?? 5);
  // Its burst counts starts, the first one included.
  if (Number.isInteger(burst) && burst > 0) to.restart['max'] = burst - 1;
  to.restart['within'] = durationText(span(unit.get('StartLimitIntervalSec')) ?? 10_000);
  const from = span(unit.get('RestartSec')) ?? 100;
  to.restart['from'] = durationText(from);
  to.restart['to'] = durationText(Math.max(from, span(unit.get('RestartMaxDelaySec')) ?? from));
  if (unit.has('RestartSteps')) to.lose('RestartSteps', 'delays double here until they reach the longest');
  const watchdog = span(unit.get('WatchdogSec'));
  if (watchdog) {
    to.healing = { ...to.healing, silence: durationText(watchdog) };
    to.lose(
      'WatchdogSec',
      'became silence: output counts here, not sd_notify; heartbeat, if it can call hms agent beat',
    );
  }
  const memory = bytes(unit.get('MemoryMax'));
  if (memory !== undefined)
    to.healing = { ...to.healing, limits: { memory: Math.round(memory / (1 << 20)) } };
  else if (unit.has('MemoryMax'))
    to.lose(`MemoryMax=${unit.get('MemoryMax')}`, 'only a size can be carried over');
  for (const key of ['Requires', 'BindsTo', 'Wants', 'After', 'PartOf'])
    if (unit.has(key))
      to.lose(
        key,
        `needs: names agents of the fleet, healing.depends: services; which is which only you know (${unit.get(key)})`,
      );
  for (const [key, why] of Object.entries(ELSEWHERE)) if (unit.has(key)) to.lose(key, why);
  return { [name]: to.carried };
}

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  msec: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  '': 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

/** `5min 20s`, `500ms`, `10` (seconds), as systemd.time(7) has them; undefined for infinity and what is none. */
function span(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*(?:\d+(?:\.\d+)?\s*[a-z]*\s*)+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)];
  const all = parts.map(([, amount, unit = '']) => Number(amount) * (UNITS[unit] ?? Number.NaN));
  const ms = all.reduce((sum, one) => sum + one, 0);
  return Number.isFinite(ms) ? ms : undefined;
}

function bytes(text: string | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount) * 1024 ** ' KMGT'.indexOf(unit || ' ');
}

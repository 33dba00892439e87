/** A Compose file: restart, healthcheck, depends_on and memory limits of its services. */
import { Carrying, deadline, durationText, list, number, record, type Translation } from './carried.ts';

export function fromCompose(document: unknown): Translation {
  const services = record(record(document)['services']);
  return Object.fromEntries(Object.entries(services).map(([name, one]) => [name, ofService(record(one))]));
}

function ofService(service: Readonly<Record<string, unknown>>): Translation[string] {
  const to = new Carrying();
  restartOf(to, service);
  if ('healthcheck' in service) healthcheck(to, record(service['healthcheck']));
  const limits = record(record(record(service['deploy'])['resources'])['limits']);
  const memory = megabytes(service['mem_limit'] ?? limits['memory']);
  if (memory !== undefined) to.healing = { ...to.healing, limits: { memory } };
  if ('cpus' in service || 'cpus' in limits)
    to.lose('cpus', 'alerts: marks what uses much; nothing is throttled');
  if ('depends_on' in service) {
    const names = Array.isArray(service['depends_on'])
      ? service['depends_on']
      : Object.keys(record(service['depends_on']));
    to.lose(
      'depends_on',
      `needs: names agents of the fleet, healing.depends: services; which is which only you know (${names.join(', ')})`,
    );
  }
  return to.carried;
}

function restartOf(to: Carrying, service: Readonly<Record<string, unknown>>): void {
  const deploy = record(record(service['deploy'])['restart_policy']);
  const [policy, times] = String(service['restart'] ?? 'no').split(':');
  const condition = deploy['condition'];
  if ('restart_policy' in record(service['deploy'])) {
    to.restart['when'] =
      condition === 'none' ? 'never' : condition === 'on-failure' ? 'on-failure' : 'always';
    const max = number(deploy['max_attempts']);
    if (max !== undefined) to.restart['max'] = max;
    const window = timeOf(deploy['window']);
    if (window) to.restart['within'] = durationText(window);
    const delay = timeOf(deploy['delay']) ?? 5000;
    to.restart['from'] = durationText(delay);
    to.restart['to'] = durationText(Math.max(delay, 30_000));
    return;
  }
  to.restart['when'] =
    policy === 'no' || policy === 'false' ? 'never' : policy === 'on-failure' ? 'on-failure' : 'always';
  if (to.restart['when'] === 'never') return;
  // Docker waits 100 ms, doubled up to a minute, and begins anew after 10 s of running.
  Object.assign(to.restart, { max: number(times) ?? 1000, within: '10m', from: '100ms', to: '1m' });
  if (policy === 'unless-stopped')
    to.lose('unless-stopped', 'whoever is stopped stays stopped here in any case');
  to.lose(`restart: ${String(service['restart'])}`, 'a person is asked here after so many (max)');
}

function healthcheck(to: Carrying, check: Readonly<Record<string, unknown>>): void {
  const given = check['test'];
  if (check['disable'] === true || given === undefined || list(given)[0] === 'NONE') return;
  const [first, ...rest] = list(given).map(String);
  const exec = typeof given === 'string' ? given : first === 'CMD-SHELL' ? (rest[0] ?? '') : rest;
  if (typeof given !== 'string' && first !== 'CMD' && first !== 'CMD-SHELL') {
    to.lose('healthcheck.test', 'it begins with none of CMD, CMD-SHELL and NONE');
    return;
  }
  const after = timeOf(check['start_period']) ?? 0;
  to.probes['healthcheck'] = {
    purpose: 'live',
    exec,
    every: durationText(timeOf(check['interval']) ?? 30_000),
    timeout: deadline(to, 'healthcheck.timeout', timeOf(check['timeout']) ?? 30_000),
    failures: number(check['retries']) ?? 3,
    ...(after > 0 ? { after: durationText(after) } : {}),
  };
  to.lose(
    'healthcheck',
    'Compose only marks a service unhealthy; here it is healed: purpose: health only shows it',
  );
  if ('start_interval' in check) to.lose('healthcheck.start_interval', 'there is one time between looks');
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `1m30s`. */
function timeOf(value: unknown): number | undefined {
  const text = String(value ?? '');
  if (!/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0),
    0,
  );
}

/** `512m`, `1gb`; a number is bytes. */
function megabytes(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([bkmg])?b?$/i.exec(String(value ?? '')) ?? [];
  if (amount === undefined) return undefined;
  const power = 'bkmg'.indexOf(unit.toLowerCase() || 'b');
  return Math.max(1, Math.round((Number(amount) * 1024 ** power) / (1 << 20)));
}

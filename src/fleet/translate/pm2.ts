/** A pm2 ecosystem file as JSON or YAML; of one in JavaScript what `pm2 prettylist` or `node -p` prints. */
import { Carrying, durationText, list, number, record, type Translation } from './carried.ts';

/** Why they have no counterpart. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  watch: 'files are not watched; hms agent restart starts an agent anew',
  cron_restart: 'nothing is restarted by the clock',
  stop_exit_codes: 'no exit status is told apart here; let the program end with 0',
  instances: 'each agent has a name of its own: write it so many times',
  exec_mode: 'there is no cluster mode',
  kill_timeout: 'how long an end may take is fixed here',
  wait_ready: 'a ready probe asks the program: healing.probes',
  listen_timeout: 'a ready probe asks the program: healing.probes',
  post_update: 'nothing runs beside the command',
};

export function fromPm2(document: unknown): Translation {
  const root = record(document);
  const apps = 'apps' in root ? list(root['apps']) : Array.isArray(document) ? document : [document];
  return Object.fromEntries(
    apps.map((one, at) => {
      const app = record(one);
      return [String(app['name'] ?? `app-${at}`), ofApp(app)] as const;
    }),
  );
}

function ofApp(app: Readonly<Record<string, unknown>>): Translation[string] {
  const to = new Carrying();
  to.restart['when'] = app['autorestart'] === false ? 'never' : 'always';
  to.restart['max'] = number(app['max_restarts']) ?? 16;
  const uptime = timeOf(app['min_uptime']) ?? 1000;
  to.lose(
    'max_restarts',
    'pm2 counts those in a row that came before min_uptime; here those within the window count',
  );
  // So many that each lasted no longer than min_uptime fit into this window.
  to.restart['within'] = durationText(Math.max(60_000, uptime * Number(to.restart['max'])));
  const fixed = timeOf(app['restart_delay']);
  const growing = timeOf(app['exp_backoff_restart_delay']);
  to.restart['from'] = durationText(growing ?? fixed ?? 0);
  // Its back-off grows by half until 15 s.
  to.restart['to'] = durationText(growing === undefined ? (fixed ?? 0) : Math.max(growing, 15_000));
  const memory = megabytes(app['max_memory_restart']);
  if (memory !== undefined) to.healing = { ...to.healing, limits: { memory } };
  if ('min_uptime' in app) to.healing = { ...to.healing, verify: durationText(uptime) };
  for (const [key, why] of Object.entries(ELSEWHERE)) if (key in app && app[key] !== false) to.lose(key, why);
  return to.carried;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A number is ms. */
function timeOf(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value ?? '')) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1);
}

/** `300M`, `1G`; a number is bytes. */
function megabytes(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMG])?B?$/i.exec(String(value ?? '')) ?? [];
  if (amount === undefined) return undefined;
  return Math.max(
    1,
    Math.round((Number(amount) * 1024 ** ' KMG'.indexOf(unit.toUpperCase() || ' ')) / (1 << 20)),
  );
}

/** The notifier's ways out: consoles that follow, commands, webhooks. */
import { basename } from 'node:path';
import type { World } from '../cells/cell.ts';
import { Notifier, type Payload } from '../cells/notifier/notifier.ts';
import type { JournalReader } from '../journal/types.ts';
import { HmsError } from '../model/errors.ts';
import type { NotifyRule } from '../model/notifications.ts';
import type { FleetState } from '../model/state.ts';
import { runNotifier } from '../notify/command.ts';
import { postWebhook } from '../notify/webhook.ts';
import type { Ringing } from '../protocol/messages.ts';
import type { SocketServer } from '../protocol/server.ts';
import type { Ways } from './cells/cell-world.ts';
import type { Core } from './core.ts';
import type { OperatorPeer } from './operator-requests.ts';

/** Notifications of earlier engines that are looked at, to tell nothing twice. */
const LOOKED_AT = 200;

interface Wanted {
  readonly journal: JournalReader;
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  rules(): Readonly<Record<string, NotifyRule>>;
  readonly server: SocketServer<OperatorPeer>;
  /** Calls of a program or a host, by its name: at once refused where it fails again and again. */
  guard(name: string, call: () => Promise<void>): Promise<void>;
  readonly ways: Ways;
}

export function notifierOf(
  core: Core,
  world: World,
  { journal, dir, env, rules, server, guard, ways }: Wanted,
): Notifier {
  const pause = (ms: number): Promise<void> => new Promise(resolve => core.after(ms, resolve));
  const options: ConstructorParameters<typeof Notifier>[1] = {
    rules,
    ring: ringing => ring(server, ringing),
    told: () => told(journal, world.state),
    minuteOfDay: () => {
      const now = new Date(core.now());
      return now.getHours() * 60 + now.getMinutes();
    },
    carry: (channel, payload) => {
      const body = JSON.stringify(payload);
      if ('command' in channel) {
        const { command: argv, timeout: timeoutMs } = channel;
        const given = { argv, timeoutMs, cwd: dir, env: { ...env, ...variables(payload) } };
        return guard(basename(argv[0] ?? ''), () => runNotifier({ ...given, input: `${body}\n` }));
      }
      const { webhook: url, header, secret, timeout: timeoutMs } = channel;
      const value = secret === undefined ? undefined : env[secret];
      if (secret !== undefined && !value)
        return Promise.reject(
          new HmsError('notify-failed', `the engine's environment has no ${secret} for the header ${header}`),
        );
      const headers = value ? { [header]: value } : {};
      const given = { url, body, headers, timeoutMs, pause };
      return guard(new URL(url).host, () => postWebhook({ ...given, random: () => core.random() }));
    },
  };
  return new Notifier(world, ways(options));
}

function variables({ rule, fleet, text, count, notices }: Payload): NodeJS.ProcessEnv {
  return {
    HMS_NOTIFY_RULE: rule,
    HMS_NOTIFY_FLEET: fleet,
    HMS_NOTIFY_TEXT: text,
    HMS_NOTIFY_COUNT: String(count),
    HMS_NOTIFY_EVENT: notices[0]?.occasion ?? 'other',
    HMS_NOTIFY_AGENT: notices[0]?.agent ?? '',
  };
}

/** Consoles ring; command lines that follow do not. */
function ring(server: SocketServer<OperatorPeer>, ringing: Ringing): number {
  const consoles = server
    .peers()
    .filter(peer => peer.data.cursor !== undefined && peer.data.session?.client === 'console');
  return consoles.filter(peer => peer.send({ push: 'ring', ringing })).length;
}

/** Of requests that wait: nothing was told of one before it was made. */
function told(journal: JournalReader, { pending, seq }: FleetState): ReadonlySet<number> {
  const seqs = new Set<number>();
  const from = Math.min(seq + 1, ...Object.values(pending).map(request => request.seq));
  const filter = { from, kinds: ['notification.sent' as const], reverse: true, limit: LOOKED_AT };
  for (const event of journal.read(filter)) {
    if (event.kind === 'notification.sent') for (const seq of event.data.about) seqs.add(seq);
  }
  return seqs;
}

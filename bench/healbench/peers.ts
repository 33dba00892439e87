/**
 * What others do by default, as policies of the same world: when they start an agent again, and when they give it up.
 * A supervisor starts the command again: a fresh start. Those with probes are given one that notices 30 s of silence
 * (period 10 s, three failures); who waits for a person, it cannot know. Generous: where a supervisor that gives up takes
 * its other children with it, only the one agent is given up here.
 */
import type { MakePolicy } from '../../src/healing/simulate/policy.ts';

interface Life {
  /** When it was started; when it was started again, newest last. */
  startedAt: number;
  restarts: number[];
  /** Restarts in a row without a time of quiet. */
  streak: number;
}

interface Peer {
  readonly name: string;
  /** Delay before the next start, ms; undefined: it is given up. */
  delay(life: Life, now: number, random: () => number): number | undefined;
  /** Silence after which it is killed and started again, ms. */
  readonly probe?: number;
  /** Time without an end after which the streak is forgotten, ms. */
  readonly quiet?: number;
}

const within = ({ restarts }: Life, now: number, ms: number): number =>
  restarts.filter(at => now - at < ms).length;

const PROBE = 30_000;

export const PEERS: readonly Peer[] = [
  // intensity 1, period 5 s
  { name: 'OTP', delay: (life, now) => (within(life, now, 5000) >= 1 ? undefined : 0) },
  // RestartSec=100ms, StartLimitIntervalSec=10s, StartLimitBurst=5
  { name: 'systemd', delay: (life, now) => (within(life, now, 10_000) >= 5 ? undefined : 100) },
  // CrashLoopBackOff 10 s doubling to 300 s, forgotten after 10 min
  {
    name: 'Kubernetes',
    delay: ({ streak }) => (streak === 0 ? 0 : Math.min(300_000, 10_000 * 2 ** (streak - 1))),
    quiet: 600_000,
    probe: PROBE,
  },
  // ReduceDefaultCrashLoopBackOffDecay: 1 s doubling to 60 s
  {
    name: 'KEP-4603',
    delay: ({ streak }) => (streak === 0 ? 0 : Math.min(60_000, 1000 * 2 ** (streak - 1))),
    quiet: 600_000,
    probe: PROBE,
  },
  // min_uptime 1000 ms, max_restarts 16
  { name: 'pm2', delay: ({ streak }) => (streak >= 16 ? undefined : 0), quiet: 1000 },
  // exp_backoff_restart_delay 100 ms, ×1.5 up to 15 s, reset after 30 s
  { name: 'pm2-exp', delay: ({ streak }) => Math.min(15_000, 100 * 1.5 ** streak), quiet: 30_000 },
  // startsecs 1, startretries 3, back-off of n s; it looks once a second
  {
    name: 'supervisord',
    delay: ({ streak }, _, random) => (streak > 3 ? undefined : 1000 * (streak + random())),
    quiet: 1000,
  },
  // at once, a second at least between two starts
  { name: 'runit', delay: ({ startedAt }, now) => Math.max(0, startedAt + 1000 - now) },
  // restart: 2 attempts in 30 min, 15 s (+25 %) apart; then rescheduled: 30 s doubling to 1 h
  {
    name: 'Nomad',
    delay: (life, now, random) => {
      const recent = within(life, now, 1_800_000);
      return recent < 2 ? 15_000 * (1 + 0.25 * random()) : Math.min(3_600_000, 30_000 * 2 ** (recent - 2));
    },
  },
];

export function peerPolicy({ delay, probe, quiet = Number.POSITIVE_INFINITY }: Peer): MakePolicy {
  return (hands, agents, random) => {
    const lives = new Map<string, Life>(
      agents.map(agent => [agent, { startedAt: 0, restarts: [], streak: 0 }]),
    );
    const due = new Map<string, number>();
    const heard = new Map<string, number>();

    function start(agent: string, life: Life, now: number): void {
      due.delete(agent);
      heard.set(agent, now);
      life.restarts.push(now);
      if (life.restarts.length > 64) life.restarts.shift();
      life.streak += 1;
      hands.perform(agent, 'restart');
    }

    function plan(agent: string, life: Life, now: number): void {
      if (now - life.startedAt >= quiet) life.streak = 0;
      const wait = delay(life, now, random);
      if (wait === undefined) heard.delete(agent);
      else due.set(agent, now + wait);
    }

    return {
      handles: agent => due.has(agent),
      signal(agent, signal, now) {
        const life = lives.get(agent);
        if (!life) return Number.POSITIVE_INFINITY;
        if (signal.signal === 'started') {
          life.startedAt = now;
          heard.set(agent, now);
        } else if (signal.signal === 'progress') heard.set(agent, now);
        else if (signal.signal === 'exited') plan(agent, life, now);
        const silentAt = (heard.get(agent) ?? Number.POSITIVE_INFINITY) + (probe ?? Number.POSITIVE_INFINITY);
        if (!due.has(agent) && now >= silentAt) plan(agent, life, now);
        const at = due.get(agent);
        if (at !== undefined && now >= at) start(agent, life, now);
        const next = due.get(agent) ?? (heard.get(agent) ?? Number.POSITIVE_INFINITY) + (probe ?? Infinity);
        return next > now ? next : now + 1000;
      },
    };
  };
}

/** Nobody but people: called when something ends, finding the rest by looking round. */
export const humanOnly: MakePolicy = hands => ({
  handles: () => false,
  signal(agent, signal) {
    if (signal.signal === 'exited') hands.ask(agent);
    return Number.POSITIVE_INFINITY;
  },
});

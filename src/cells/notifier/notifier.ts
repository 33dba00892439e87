/**
 * Tells people what happens when they are not looking: by the rules in force, gathered so that many become one,
 * never twice, and never in the way of anything. What could not be told is written down once.
 */

import type { CellHealth, CellProposal } from '../../model/cell.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Event } from '../../model/event.ts';
import {
  type Channel,
  CONSOLE_CHANNELS,
  type ConsoleChannel,
  channelName,
  type NotifyRule,
} from '../../model/notifications.ts';
import type { AgentStatus } from '../../model/status.ts';
import { plural } from '../../model/text.ts';
import { type Gathering, gathered, windowEnded } from '../../notify/gather.ts';
import { isQuiet, type Notice, noticeOf, together } from '../../notify/occasions.ts';
import { quieter } from '../../notify/quieter.ts';
import type { NotifyResult, Ringing } from '../../protocol/messages.ts';
import { type Cell, cellActor, healthy, subject, type World } from '../cell.ts';

/** How often a request that waits is looked at again while somebody still looks on, ms. */
const LOOK_AGAIN_MS = 5000;
/** Requests older than this are not told by an engine that has just started, ms. */
const NEWS_MS = 600_000;
/** Notifications of one channel that may wait for it. */
const MOST_WAITING = 5;
/** Occasions of a rule that are remembered. */
const MOST_TAKEN = 200;
/** Places named in the record of one notification. */
const MOST_ABOUT = 100;

export type OutsideChannel = Exclude<Channel, ConsoleChannel>;

interface NotifierOptions {
  /** The rules in force, by name. */
  rules(): Readonly<Record<string, NotifyRule>>;
  /** Rings in the consoles that are attached; how many there are. */
  ring(ringing: Ringing): number;
  /** Carries it to a command or a webhook. Rejects when it could not. */
  carry(channel: OutsideChannel, payload: Payload): Promise<void>;
  /** Requests already told, by place. */
  told(): ReadonlySet<number>;
  /** Minutes since midnight, local time. */
  minuteOfDay(): number;
}

/** What commands and webhooks are given. */
export interface Payload {
  readonly rule: string;
  readonly fleet: string;
  readonly text: string;
  readonly at: number;
  readonly count: number;
  readonly notices: readonly Notice[];
}

export class Notifier implements Cell {
  readonly name = 'notifier';
  readonly #world: World;
  readonly #options: NotifierOptions;
  readonly #gathering = new Map<string, Gathering<Notice>>();
  /** When there was something to tell, by rule. */
  readonly #taken = new Map<string, readonly number[]>();
  readonly #statuses = new Map<string, AgentStatus>();
  /** Last key of each session, ms. */
  readonly #active = new Map<string, number>();
  /** Channels that have failed and not worked since. */
  readonly #failing = new Set<string>();
  readonly #waiting = new Map<string, number>();
  #stopped = false;

  constructor(world: World, options: NotifierOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** After a start: requests that came just before it and were not told are. */
  takeCharge(): void {
    const told = this.#options.told();
    for (const agent of Object.values(this.#world.state.agents)) this.#statuses.set(agent.id, agent.status);
    const now = this.#world.now();
    for (const request of Object.values(this.#world.state.pending)) {
      if (told.has(request.seq) || now - request.at > NEWS_MS) continue;
      const level = request.facts.level === 'critical' ? ('critical' as const) : ('asking' as const);
      const words = `${request.agent || 'the fleet'} asks: ${request.facts.title}`;
      for (const [name, rule] of this.#outside()) {
        const occasion = [level, 'asking' as const].find(one => rule.when.events.includes(one));
        const about = rule.when.agents.length === 0 || rule.when.agents.some(id => id === request.agent);
        if (!occasion || !about) continue;
        const { agent, seq, at } = request;
        this.#take(name, rule, { occasion, agent, request: request.id, seq, at, words });
      }
    }
  }

  /** Somebody has pressed a key in this session's console. */
  active(session: string): void {
    this.#active.set(session, this.#world.now());
  }

  onEvent(event: Event): void {
    const agent = event.kind === 'status.changed' ? event.data.agent : undefined;
    const before = agent && this.#statuses.get(agent);
    if (event.kind === 'status.changed') this.#statuses.set(event.data.agent, event.data.status);
    if (event.kind === 'operator.attached') this.active(event.data.session);
    if (event.kind === 'operator.detached') this.#active.delete(event.data.session);
    for (const [name, rule] of Object.entries(this.#options.rules())) {
      const notice = noticeOf(rule, event, before);
      if (notice) this.#take(name, rule, notice);
    }
  }

  /** Sends a sample by one rule, or by all, and says what became of it on each channel. */
  async test(rule: string | undefined): Promise<readonly NotifyResult[]> {
    const rules = this.#options.rules();
    const names = rule === undefined ? Object.keys(rules) : [rule];
    const results: NotifyResult[] = [];
    for (const name of names) {
      const found = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (!found) {
        const known = Object.keys(rules);
        const hint =
          known.length === 0 ? 'there are none: notifications are off' : `there are ${known.join(', ')}`;
        throw new HmsError('unknown-rule', `there is no rule ${name}`, hint);
      }
      const { seq, fleet } = this.#world.state;
      const at = this.#world.now();
      const words = `a test of the rule ${name}: nothing has happened`;
      const notice: Notice = { occasion: 'other', agent: '', request: '', seq, at, words };
      const payload: Payload = { rule: name, fleet, text: words, at, count: 1, notices: [notice] };
      const rung = this.#ring(name, found, payload.text, true);
      if (rung) results.push(rung);
      for (const channel of outsideOf(found)) {
        const outcome = await this.#options.carry(channel, payload).then(
          () => ({ ok: true, detail: 'taken' }),
          (error: unknown) => ({ ok: false, detail: wordsOf(error) }),
        );
        results.push({ rule: name, channel: channelName(channel), ...outcome });
      }
    }
    return results;
  }

  optimize(): CellProposal | null {
    for (const [name, rule] of Object.entries(this.#options.rules())) {
      const proposal = quieter(name, this.#taken.get(name) ?? [], rule.gather);
      if (proposal) return proposal;
    }
    return null;
  }

  healthCheck(): CellHealth {
    const failing = [...this.#failing];
    if (failing.length > 0)
      return { state: 'degraded', words: `cannot tell ${failing.join(', ')}`.slice(0, 400) };
    return healthy(`gathers by ${plural(this.#gathering.size, 'rule')}`);
  }

  stop(): void {
    this.#stopped = true;
    this.#gathering.clear();
  }

  #outside(): readonly (readonly [string, NotifyRule])[] {
    return Object.entries(this.#options.rules()).filter(([, rule]) => outsideOf(rule).length > 0);
  }

  #take(name: string, rule: NotifyRule, notice: Notice): void {
    if (isQuiet(rule, this.#options.minuteOfDay())) return;
    if (this.#watched(rule)) {
      // What waits for people is told when they have gone; the rest they have seen.
      if (notice.request !== '') this.#later(name, rule, notice);
      return;
    }
    this.#taken.set(name, [...(this.#taken.get(name) ?? []), this.#world.now()].slice(-MOST_TAKEN));
    const { gathering, now } = gathered(this.#gathering.get(name), notice, this.#world.now(), rule.gather);
    const opened = now.length > 0;
    if (gathering) this.#gathering.set(name, gathering);
    if (opened) {
      this.#tell(name, rule, now);
      this.#atEnd(name, rule.gather);
    }
  }

  #later(name: string, rule: NotifyRule, notice: Notice): void {
    this.#world.after(LOOK_AGAIN_MS, () => {
      if (!this.#stopped && this.#still(notice)) this.#take(name, rule, notice);
    });
  }

  #atEnd(name: string, ms: number): void {
    this.#world.after(Math.max(1, ms), () => {
      const rule = this.#options.rules()[name];
      const open = this.#gathering.get(name);
      if (this.#stopped || !open || !rule) return void this.#gathering.delete(name);
      const { gathering, now } = windowEnded(open, this.#world.now(), notice => this.#still(notice));
      if (!gathering) return void this.#gathering.delete(name);
      this.#gathering.set(name, gathering);
      this.#tell(name, rule, now);
      this.#atEnd(name, gathering.windowMs);
    });
  }

  /** A request that has been answered is no news. */
  #still(notice: Notice): boolean {
    return notice.request === '' || notice.request in this.#world.state.pending;
  }

  #watched({ when }: NotifyRule): boolean {
    if (when.unwatched === undefined) return false;
    const since = this.#world.now() - when.unwatched;
    const { sessions } = this.#world.state;
    return [...this.#active].some(([session, at]) => session in sessions && at > since);
  }

  #tell(name: string, rule: NotifyRule, notices: readonly Notice[]): void {
    const text = together(notices);
    this.#ring(name, rule, text, false);
    const outside = outsideOf(rule);
    if (outside.length === 0) return;
    const { fleet } = this.#world.state;
    const payload: Payload = {
      rule: name,
      fleet,
      text,
      at: this.#world.now(),
      count: notices.length,
      notices: notices.slice(-MOST_ABOUT),
    };
    try {
      // Written down first: told twice is worse than told by an engine that died over it.
      const { durable } = this.#world.emit({
        kind: 'notification.sent',
        actor: cellActor(this.name),
        subject: subject.fleet,
        data: {
          rule: name,
          channels: outside.map(channelName),
          text,
          about: payload.notices.map(notice => notice.seq),
          count: notices.length,
        },
      });
      for (const channel of outside) void durable.then(() => this.#carry(name, channel, payload));
    } catch (error) {
      this.#world.log(`notification ${name}: ${wordsOf(error)}`);
    }
  }

  #ring(rule: string, { to }: NotifyRule, text: string, test: boolean): NotifyResult | undefined {
    const channels = CONSOLE_CHANNELS.filter(channel => to.includes(channel));
    if (channels.length === 0) return undefined;
    const consoles = this.#options.ring({ rule, channels, text, test });
    const detail =
      consoles === 0 ? 'no console is attached' : `rung in ${consoles} console${consoles === 1 ? '' : 's'}`;
    return { rule, channel: channels.join('+'), ok: consoles > 0, detail };
  }

  async #carry(rule: string, channel: OutsideChannel, payload: Payload): Promise<void> {
    const key = `${rule}/${channelName(channel)}`;
    const waiting = this.#waiting.get(key) ?? 0;
    if (waiting >= MOST_WAITING)
      return this.#failed(key, `${MOST_WAITING} notifications wait for it already`);
    this.#waiting.set(key, waiting + 1);
    try {
      await this.#options.carry(channel, payload);
      this.#failing.delete(key);
    } catch (error) {
      this.#failed(key, wordsOf(error));
    } finally {
      this.#waiting.set(key, (this.#waiting.get(key) ?? 1) - 1);
    }
  }

  #failed(key: string, why: string): void {
    this.#world.log(`notification ${key} failed: ${why}`);
    if (this.#stopped || this.#failing.has(key)) return;
    this.#failing.add(key);
    try {
      this.#world.emit({
        kind: 'engine.noted',
        actor: cellActor(this.name),
        subject: subject.fleet,
        data: {
          level: 'warning',
          text: `notification ${key} could not be told: ${why}`,
          detail: { key, why },
        },
      });
    } catch {
      // Nothing can be written down just now: the log has it.
    }
  }
}

function outsideOf({ to }: NotifyRule): readonly OutsideChannel[] {
  return to.filter((channel): channel is OutsideChannel => typeof channel !== 'string');
}

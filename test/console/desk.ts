/**
 * A console without terminal and engine: the pure core, a clock, and what it asked the engine for. Keys are pressed as
 * a person would: the frame is painted first, and time passes in between.
 */

import type { Effect, Happening, Send } from '../../src/console/effects.ts';
import { decidableView } from '../../src/console/layout.ts';
import { type ConsoleState, initialState } from '../../src/console/state.ts';
import { update } from '../../src/console/update.ts';
import type { Draft } from '../../src/model/event.ts';
import { OperatorId, SessionId } from '../../src/model/ids.ts';
import type { Mode, Role } from '../../src/model/mode.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';
import { placed } from './events.ts';

export const NOW = 1_700_000_000_000;

export interface DeskOptions {
  readonly mode?: Mode;
  readonly role?: Role;
  readonly cols?: number;
  readonly rows?: number;
  readonly operator?: string;
}

export class Desk {
  state: ConsoleState;
  at = NOW;
  readonly effects: Effect[] = [];
  #seq = 0;

  constructor(
    drafts: readonly Draft[],
    { mode = 'watch', role = 'lead', cols = 160, rows = 44, operator = 'alice' }: DeskOptions = {},
  ) {
    this.state = initialState({ now: NOW, cols, rows });
    const session = SessionId.parse('s-1');
    const attached: Draft = {
      kind: 'operator.attached',
      actor: { type: 'operator', id: operator, via: 'console' },
      subject: `operator:${operator}`,
      data: { session, operator: OperatorId.parse(operator), role, mode, client: 'console' },
    };
    const events = placed([...drafts, attached], 0, NOW - 5000);
    this.#seq = events.length;
    this.#act({
      type: 'welcomed',
      at: NOW,
      welcome: {
        protocol: 1,
        session,
        operator,
        role,
        mode,
        state: fold(EMPTY, events),
        tail: events,
        tmux: { socket: '/run/tmux.sock', session: 'main' },
        engine: { pid: 1, version: '0.1.0' },
        recordings: '',
        now: NOW,
      },
    });
    this.paint();
  }

  /** Everything asked of the engine, oldest first. */
  get sends(): readonly Send[] {
    return this.effects.flatMap(e => (e.do === 'send' ? [e.send] : []));
  }

  /** The last words said to the person. */
  get said(): string {
    return this.state.ui.toasts.at(-1)?.text ?? '';
  }

  #act(happening: Happening): this {
    const step = update(this.state, happening);
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  act(happening: Happening): this {
    return this.#act(happening);
  }

  /** A frame of the current state is on the terminal. */
  paint(): this {
    return this.#act({ type: 'painted', view: decidableView(this.state), at: this.at });
  }

  wait(ms: number): this {
    this.at += ms;
    return this.#act({ type: 'ticked', at: this.at });
  }

  /** Pressed one after the other, each after looking for half a second. */
  press(...keys: string[]): this {
    for (const key of keys) this.paint().wait(500).key(key).paint();
    return this;
  }

  /** Pressed just now. */
  key(key: string, burst = false): this {
    const text = key === 'space' ? ' ' : [...key].length === 1 ? key : '';
    return this.#act({ type: 'input', input: { type: 'key', key, text, burst }, at: this.at });
  }

  type(text: string): this {
    for (const char of text) this.key(char === ' ' ? 'space' : char);
    return this;
  }

  paste(text: string): this {
    return this.#act({ type: 'input', input: { type: 'paste', text, bracketed: true }, at: this.at });
  }

  /** Events that come from the engine now. */
  emit(...drafts: Draft[]): this {
    const events = placed(drafts, this.#seq, this.at);
    this.#seq += events.length;
    return this.#act({ type: 'events', events, at: this.at });
  }

  resize(cols: number, rows: number): this {
    return this.#act({ type: 'resized', cols, rows, at: this.at });
  }
}

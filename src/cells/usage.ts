/**
 * Counts the tokens agents use, from the transcripts their own tools write and their hooks name: at the end of each turn,
 * and now and then during one, what has been added since the last time. What is in a transcript is the agent's to write:
 * it is read as data, in bounds.
 */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { HookMeaning, TurnUsage } from '../drivers/types.ts';
import type { CellHealth } from '../model/cell.ts';
import { wordsOf } from '../model/errors.ts';
import { AgentId } from '../model/ids.ts';
import { plural } from '../model/text.ts';
import { type Cell, healthy, subject, type World } from './cell.ts';

/** Bytes of one turn that are read; a longer one is counted by its end. */
const MOST = 16 << 20;

/** During a turn it is counted no more often, ms. */
const DURING_MS = 60_000;
const LINE_BREAK = 10;
const NOTHING = { size: 0, bytes: Buffer.alloc(0) };

type Named = NonNullable<HookMeaning['transcript']>;

export class UsageCounter implements Cell {
  readonly name = 'usage';
  readonly #world: World;
  readonly #read: (agent: string, lines: string, settled: boolean) => TurnUsage | undefined;
  /** Where a conversation that is gone on with begins to count, bytes. */
  readonly #begun = new Map<string, number>();
  /** One transcript is read at a time, so that nothing counts twice. */
  readonly #turns = new Map<string, Promise<void>>();
  /** When it was last counted, by agent. */
  readonly #counted = new Map<string, number>();

  constructor(world: World, read: (agent: string, lines: string, settled: boolean) => TurnUsage | undefined) {
    this.#world = world;
    this.#read = read;
  }

  /** A hook has named a transcript. */
  see(agent: string, transcript: Named): void {
    const now = this.#world.now();
    if (transcript.at === 'grows' && now - (this.#counted.get(agent) ?? 0) < DURING_MS) return;
    this.#counted.set(agent, now);
    const before = this.#turns.get(agent) ?? Promise.resolve();
    const turn = before
      .then(() => this.#count(agent, transcript))
      .catch((error: unknown) => this.#world.log(`${agent}'s tokens cannot be counted: ${wordsOf(error)}`));
    this.#turns.set(agent, turn);
  }

  /** Resolves when everything seen so far has been counted. */
  async quiet(): Promise<void> {
    await Promise.all(this.#turns.values());
  }

  healthCheck(): CellHealth {
    return healthy(`has read for ${plural(this.#turns.size, 'agent')}`);
  }

  stop(): void {
    this.#turns.clear();
  }

  async #count(agent: string, { path, conversation, at }: Named): Promise<void> {
    const state = this.#world.state.agents[agent];
    if (!state || path === '' || conversation === '') return;
    const known = state.counted.conversation === conversation ? state.counted.through : undefined;
    const from = known ?? this.#begun.get(conversation) ?? 0;
    const { size, bytes } = await readFrom(path, at === 'begins' ? Number.MAX_SAFE_INTEGER : from);
    if (at === 'begins') {
      if (known === undefined) this.#begun.set(conversation, size);
      return;
    }
    const whole = bytes.subarray(0, bytes.lastIndexOf(LINE_BREAK) + 1);
    const found = this.#read(agent, whole.toString('utf8'), at === 'ends');
    if (!found) return;
    const { rest, ...used } = found;
    const through = size - bytes.length + whole.length - rest;
    this.#world.emit({
      kind: 'usage.reported',
      actor: { type: 'agent', id: agent, via: 'hook' },
      subject: subject.agent(agent),
      data: {
        agent: AgentId.parse(agent),
        ...used,
        ...(at === 'grows' && { lasts: true }),
        conversation,
        through,
      },
    });
  }
}

/** A file from a byte on, at most MOST bytes from its end; nothing when it is shorter, or no plain file. */
async function readFrom(
  path: string,
  from: number,
): Promise<{ readonly size: number; readonly bytes: Buffer }> {
  // A pipe or a device must not hold the engine.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const file = await open(path, flags).catch(() => undefined);
  if (!file) return NOTHING;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return NOTHING;
    const start = Math.min(stat.size, Math.max(from, stat.size - MOST));
    const length = Math.max(0, stat.size - start);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    return { size: start + bytesRead, bytes: buffer.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}

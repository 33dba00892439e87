/**
 * The provider of the bench's agents: answers what each asks for after the time a model takes, hears of every line it
 * prints, and can ruin it: with an answer that never comes, or one that leads it astray.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Random } from '../../src/healing/random.ts';
import { quickNormal } from '../../src/healing/random.ts';

/** Median and spread of the logarithm of the time between two lines: an agent at work shows that it works. */
const LINE_MS = 500;
const LINE_SPREAD = 0.5;

export type Ruin = 'spin' | 'storm' | 'leak' | 'files' | 'crawl';

interface Run {
  readonly pid: number;
  readonly from: number;
  /** When it printed, ms since the epoch. */
  readonly lines: number[];
}

export class Ward {
  readonly #random: Random;
  readonly #server = createServer(socket => this.#admit(socket));
  readonly #runs = new Map<string, Run[]>();
  readonly #sockets = new Map<string, Socket>();
  /** What the next question of an agent is answered with; '' for never. */
  readonly #ruins = new Map<string, Ruin | ''>();
  /** Whose questions are not answered, whatever they do. */
  readonly #deaf = new Set<number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Its port on loopback. */
  async open(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  /** Its runs, oldest first. */
  runs(name: string): readonly Run[] {
    return this.#runs.get(name) ?? [];
  }

  pidOf(name: string): number {
    return this.#runs.get(name)?.at(-1)?.pid ?? 0;
  }

  /** Its next question is answered with its ruin. */
  ruin(name: string, ruin: Ruin): void {
    this.#ruins.set(name, ruin);
  }

  /** Its next question is never answered; the one after that is. */
  lose(name: string): void {
    this.#ruins.set(name, '');
  }

  /** No question of this run is answered any more. */
  wedge(name: string): void {
    this.#deaf.add(this.pidOf(name));
  }

  #admit(socket: Socket): void {
    // Readline passes on what goes wrong with the connection, which ends as agents do.
    const told = createInterface({ input: socket }).on('error', () => {});
    told.on('line', line => {
      const { name, pid, what } = JSON.parse(line) as { name: string; pid: number; what: string };
      this.#sockets.set(name, socket);
      if (what === 'up') this.#runsOf(name).push({ pid, from: Date.now(), lines: [] });
      else if (what === 'printed') this.#runsOf(name).at(-1)?.lines.push(Date.now());
      else this.#answer(name, pid, socket);
    });
  }

  #answer(name: string, pid: number, socket: Socket): void {
    const ruin = this.#ruins.get(name);
    this.#ruins.delete(name);
    if (ruin === '' || this.#deaf.has(pid)) return;
    const waitMs = Math.round(LINE_MS * Math.exp(LINE_SPREAD * quickNormal(this.#random)));
    socket.write(`${JSON.stringify(ruin ? { does: ruin } : { does: 'say', waitMs })}\n`);
  }

  #runsOf(name: string): Run[] {
    const known = this.#runs.get(name);
    if (known) return known;
    const runs: Run[] = [];
    this.#runs.set(name, runs);
    return runs;
  }
}

/** Who waits at the gate for an agent to be thawed. */
import { HmsError } from '../../model/errors.ts';
import { gateHeld } from '../../model/freeze.ts';
import type { FleetState } from '../../model/state.ts';

export class Brake {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Calls back once when the agent is thawed. Returns how to call that off. */
  whenOff(agent: string, then: () => void): () => void {
    const waiting = this.#waiting.get(agent) ?? new Set();
    this.#waiting.set(agent, waiting.add(then));
    return () => waiting.delete(then);
  }

  /** Resolves when the agent is thawed; rejects when who asks has gone before. */
  off(agent: string, gone: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (gone.aborted) return reject(askerGone());
      const cancel = this.whenOff(agent, () => {
        gone.removeEventListener('abort', leave);
        resolve();
      });
      const leave = (): void => {
        cancel();
        reject(askerGone());
      };
      gone.addEventListener('abort', leave, { once: true });
    });
  }

  /** The agent is thawed, or gone. */
  release(agent: string): void {
    const waiting = this.#waiting.get(agent);
    this.#waiting.delete(agent);
    for (const then of waiting ?? []) then();
  }
}

export function askerGone(): HmsError {
  return new HmsError('asker-gone', 'the asker has gone');
}

/**
 * Nothing is let through while its agent is frozen: what it was thought to do may have changed when it goes on.
 * Throws HmsError `frozen`.
 */
export function refuseHeld(state: FleetState, id: string): void {
  const request = state.pending[id] ?? state.settled.find(r => r.id === id);
  const held = request && gateHeld(state, request);
  if (held)
    throw new HmsError('frozen', `${held}: nothing is let through`, 'thaw it first (hms thaw), or deny');
}

/**
 * The engine's native helper, where it is built: what it tells only makes sooner what the engine finds by itself, and
 * only one that has said hello is given anything to do.
 */

import type { DeeperReading } from '../model/resources.ts';
import type { Native } from '../processes/native.ts';
import { NativeKeeper } from '../processes/native-keeper.ts';
import { findNative } from '../processes/native-program.ts';
import { NativeTop } from '../processes/native-top.ts';
import { NativeWatch } from '../processes/native-watch.ts';
import type { Root } from '../processes/tree.ts';

/** How long an engine's start waits for the helper's hello, ms; later it comes by itself. */
const HELLO_MS = 500;

export interface Helper {
  /** Its path once it has said hello, else ''. */
  readonly program: string;
  /** Tell when one of these processes ends; of others no more. */
  watch(pids: readonly number[]): void;
  /** What it measured last of these trees, where it runs; asks for the next. */
  sample(roots: readonly Root[]): DeeperReading | undefined;
  /** Called for each life of it that has said hello; at once when one runs. */
  onUp(listener: (native: Native) => void): void;
  close(): void;
}

/** Resolves when it has said hello, or is not going to in time. */
export async function openHelper({
  env,
  log,
  onDied,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly onDied: () => void;
}): Promise<Helper> {
  const found = findNative(env);
  if (!found)
    return { program: '', watch: () => {}, sample: () => undefined, onUp: () => {}, close: () => {} };
  let program = '';
  const lives = new NativeKeeper({ program: found, env, log });
  const watch = new NativeWatch({ lives, onDied, log });
  const top = new NativeTop(lives, log);
  await new Promise<void>(resolve => {
    const done = (): void => {
      clearTimeout(late);
      resolve();
    };
    const late = setTimeout(done, HELLO_MS);
    lives.onEnd(done);
    lives.onUp(() => {
      program = found;
      done();
    });
  });
  return {
    get program() {
      return program;
    },
    watch: pids => watch.watch(pids),
    sample: roots => top.look(roots),
    onUp: listener => lives.onUp(listener),
    close: () => lives.close(),
  };
}

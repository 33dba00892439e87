/** The engine's native helper, where it is built: what it tells only makes sooner what the engine finds by itself. */

import { NativeKeeper } from '../processes/native-keeper.ts';
import { findNative } from '../processes/native-program.ts';
import { NativeWatch } from '../processes/native-watch.ts';

interface Helper {
  /** Tell when one of these processes ends; of others no more. */
  watch(pids: readonly number[]): void;
  close(): void;
}

export function helperOf({
  env,
  log,
  onDied,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly onDied: () => void;
}): Helper {
  const program = findNative(env);
  if (!program) return { watch: () => {}, close: () => {} };
  const lives = new NativeKeeper({ program, env, log });
  const watch = new NativeWatch({ lives, onDied, log });
  return { watch: pids => watch.watch(pids), close: () => lives.close() };
}

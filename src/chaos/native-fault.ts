/** What the native helper is asked for, for each action. */
import type { Fault } from '../protocol/native.ts';
import type { Action } from './schema.ts';

/** undefined for what hms-tui does by itself. `absolute` makes a path of the file a path of the machine. */
export function nativeFault(action: Action, absolute: (path: string) => string): Fault | undefined {
  switch (action.fault) {
    case 'cpu':
      return { fault: 'cpu', cores: action.cores, load: action.load };
    case 'memory':
      return { fault: 'memory', bytes: action.size };
    case 'kill':
      return { fault: 'kill', signal: action.signal, tree: action.tree };
    case 'pause':
      return { fault: 'pause', tree: action.tree };
    case 'crash_loop':
      return { fault: 'crash_loop', after_ms: action.after };
    case 'net_delay':
      return { fault: 'net_delay', ...toxic(action), delay_ms: action.delay, jitter_ms: action.jitter };
    case 'net_loss':
      return { fault: 'net_loss', ...toxic(action), percent: action.percent };
    case 'net_bandwidth':
      return { fault: 'net_bandwidth', ...toxic(action), bytes_per_s: Math.max(1, action.rate) };
    case 'net_reset':
      return { fault: 'net_reset', ...toxic(action), after_ms: action.after };
    case 'net_drop':
      return { fault: 'net_drop', ...toxic(action) };
    case 'net_partition':
      return { fault: 'net_partition' };
    case 'disk_fill':
      return { fault: 'disk_fill', path: absolute(action.path), bytes: action.size };
    case 'io_delay':
      return { fault: 'io_delay', path: absolute(action.path), delay_ms: action.delay };
    case 'fd_exhaust':
      return { fault: 'fd_exhaust', left: action.left };
    case 'pty_storm':
      return { fault: 'pty_storm', per_s: action['per-second'] };
    case 'output_flood':
      return { fault: 'output_flood', bytes_per_s: Math.max(1, action.rate) };
    case 'client_stall':
      return { fault: 'client_stall' };
    case 'clock_skew':
      return { fault: 'clock_skew', offset_ms: action.back ? -action.offset : action.offset };
    case 'lost_death':
      return { fault: 'lost_death' };
    case 'cell_hang':
    case 'cell_kill':
      return undefined;
  }
}

type OnProxy = Extract<Action, { proxy: string }>;

function toxic({ proxy, direction, toxicity }: OnProxy): Pick<OnProxy, 'proxy' | 'direction' | 'toxicity'> {
  return { proxy, direction, toxicity };
}

/** The native helper's process for one experiment, with the ways through it that the experiment names. */
import { Helper, type HelperPipe } from '../chaos/helper.ts';
import type { Experiment } from '../chaos/schema.ts';
import { addressOf } from '../fleet/endpoints.ts';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import type { Native } from '../processes/native.ts';
import { openNative } from '../processes/native.ts';
import { findNative } from '../processes/native-program.ts';
import { recoverFaults } from '../processes/native-recover.ts';
import { readBirth } from '../processes/process.ts';
import type { Scope } from '../protocol/native.ts';

/** Leftovers of earlier lives are taken back, and looked at, before it answers; a halt waits for its proof, ms. */
const SLOW_MS = 15_000;
/** For an effect to be there, ms. */
const EFFECT_MS = 5000;

export interface OpenedHelper {
  readonly helper: Helper;
  /** The ways through it that are open, as a scope names them. */
  readonly proxies: Scope['proxies'];
}

interface Wanted {
  readonly proxies: Experiment['proxies'];
  /** Where the proxies' control sockets are: short, of the fleet's own. */
  readonly folder: string;
  log(line: string): void;
}

/** Throws HmsError `no-native` with what to do where it is not built. */
export async function openHelper({ proxies, folder, log }: Wanted): Promise<OpenedHelper> {
  const program = findNative();
  if (program === undefined)
    throw new HmsError(
      'no-native',
      'the native helper, which breaks things and takes them back, is not built',
      'the set-up builds it where cargo is (npm run setup); only cell_hang and cell_kill go without it',
    );
  const native = await openNative(program, { log: line => log(`native helper: ${oneLine(line, 300)}`) });
  try {
    const opened: Scope['proxies'] = [];
    for (const [name, { listen, upstream }] of Object.entries(proxies)) {
      // It ends with this experiment, once nothing is connected to it any more.
      const owner = { pid: process.pid, born: readBirth(process.pid) };
      const way = { name, folder, listen: addressOf(listen), upstream: addressOf(upstream), owner };
      const { listen: at, control } = await native.request('proxy.open', way, { deadlineMs: EFFECT_MS });
      log(`proxy ${name}: ${'tcp' in at ? at.tcp : at.unix} → ${upstream}`);
      opened.push({ name, control, target: '' });
    }
    return { helper: new Helper(pipeOf(native, program)), proxies: opened };
  } catch (error) {
    native.close();
    throw error;
  }
}

function pipeOf(native: Native, program: string): HelperPipe {
  return {
    open: async scope => (await native.request('chaos.open', scope, { deadlineMs: SLOW_MS })).recovered,
    retarget: async targets => void (await native.request('chaos.retarget', { targets: [...targets] })),
    plan: injection => native.request('chaos.plan', injection, { deadlineMs: EFFECT_MS }),
    inject: injection => native.request('chaos.inject', injection, { deadlineMs: EFFECT_MS }),
    halt: async (ids, because) =>
      (await native.request('chaos.halt', { ids: [...ids], because }, { deadlineMs: SLOW_MS })).faults,
    ping: async () => void (await native.request('ping', {})),
    onFault: listener => void native.onPush(push => push.push === 'fault' && listener(push.with)),
    onGone: listener => native.onClose(listener),
    recover: (folder, ids) => recoverFaults(program, folder, ids),
    close: () => native.close(),
  };
}

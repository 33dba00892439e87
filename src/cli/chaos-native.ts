/** The native helper's process for one experiment, with the ways through it that the experiment names. */

import type * as z from 'zod';
import { Helper, type HelperPipe } from '../chaos/helper.ts';
import type { Experiment } from '../chaos/schema.ts';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import type { Native } from '../processes/native.ts';
import { openNative } from '../processes/native.ts';
import { findNative } from '../processes/native-program.ts';
import type { NATIVE_REQUESTS } from '../protocol/native.ts';

/** Leftovers of earlier lives are taken back, and looked at, before it answers; a halt waits for its proof, ms. */
const SLOW_MS = 15_000;
/** For an effect to be there, ms. */
const EFFECT_MS = 5000;

/** Throws HmsError `no-native` with what to do where it is not built. */
export async function openHelper(
  proxies: Experiment['proxies'],
  log: (line: string) => void,
): Promise<Helper> {
  const program = findNative();
  if (program === undefined)
    throw new HmsError(
      'no-native',
      'the native helper, which breaks things and takes them back, is not built',
      'npm run setup builds it where cargo is; only cell_hang goes without it',
    );
  const native = await openNative(program, { log: line => log(`native helper: ${oneLine(line, 300)}`) });
  try {
    for (const [name, { listen, upstream }] of Object.entries(proxies)) {
      const opened = await native.request(
        'proxy.open',
        { name, listen: addressOf(listen), upstream: addressOf(upstream) },
        { deadlineMs: EFFECT_MS },
      );
      log(`proxy ${name}: ${'tcp' in opened.listen ? opened.listen.tcp : opened.listen.unix} → ${upstream}`);
    }
  } catch (error) {
    native.close();
    throw error;
  }
  return new Helper(pipeOf(native));
}

type Address = z.input<(typeof NATIVE_REQUESTS)['proxy.open']['with']>['listen'];

function addressOf(text: string): Address {
  return text.startsWith('unix:') ? { unix: text.slice('unix:'.length) } : { tcp: text };
}

function pipeOf(native: Native): HelperPipe {
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
    close: () => native.close(),
  };
}

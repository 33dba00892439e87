/** All that are compared, by name. */

import { CHAMPION } from '../../src/healing/evolve/champion.ts';
import { evolutionary } from '../../src/healing/evolve/fitness.ts';
import { loopPolicy } from '../../src/healing/simulate/loop-policy.ts';
import type { MakePolicy } from '../../src/healing/simulate/policy.ts';
import { HealingConfig } from '../../src/model/healing.ts';
import { humanOnly, PEERS, peerPolicy } from './peers.ts';

/** Rules alone, as somebody sets them up who knows: half a minute of silence is a hang. */
export const rules: MakePolicy = loopPolicy(HealingConfig.parse({ level: 'basic', silence: '30s' }));

export const OURS = {
  basic: loopPolicy(HealingConfig.parse({ level: 'basic' })),
  'basic, silence 30s': rules,
  hybrid: loopPolicy(HealingConfig.parse({ level: 'hybrid' })),
  evolutionary: evolutionary(CHAMPION),
} satisfies Readonly<Record<string, MakePolicy>>;

export const OTHERS: Readonly<Record<string, MakePolicy>> = {
  ...Object.fromEntries(PEERS.map(peer => [peer.name, peerPolicy(peer)])),
  'human only': humanOnly,
};

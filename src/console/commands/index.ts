/** The one table of commands. The first whose key and `when` fit is the one that runs. */
import { AGENTS } from './agents.ts';
import { BRAKE } from './brake.ts';
import { CHAOS } from './chaos.ts';
import type { Command } from './command.ts';
import { DECIDE } from './decide.ts';
import { FLEET_LIFE } from './fleet-life.ts';
import { GRID } from './grid.ts';
import { HEALING } from './healing.ts';
import { LOOK } from './look.ts';
import { LOOK_BACK } from './look-back.ts';
import { LOOKS } from './looks.ts';
import { MODES } from './modes.ts';
import { MOVE } from './move.ts';
import { PREPARE } from './prepare.ts';
import { TIMELINE } from './timeline.ts';

export const COMMANDS: readonly Command[] = [
  ...DECIDE,
  ...AGENTS,
  ...BRAKE,
  ...CHAOS,
  ...FLEET_LIFE,
  ...GRID,
  ...HEALING,
  ...LOOK_BACK,
  ...TIMELINE,
  ...LOOK,
  ...LOOKS,
  ...MODES,
  ...PREPARE,
  ...MOVE,
];

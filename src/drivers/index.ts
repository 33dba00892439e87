/** The one table of drivers. */
import type { DriverName } from '../model/fleet.ts';
import { claude } from './claude.ts';
import { command } from './command.ts';
import type { Driver } from './types.ts';

export const drivers: Readonly<Record<DriverName, Driver>> = { command, claude };

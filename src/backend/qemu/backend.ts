import { isAlive } from '../../process/identity.ts';
import type { Backend } from '../backend.ts';
import { capabilities } from './capabilities.ts';
import { connect, leasePort } from './channels.ts';
import { findOrphan } from './orphan.ts';
import { plan } from './plan.ts';
import { probe } from './probe.ts';
import { resume, runState } from './run-state.ts';
import { socketExcess } from './sockets.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import { validate } from './validate.ts';

export const qemu: Backend = {
  name: 'qemu',
  capabilities,
  probe: (arch, context) => probe(arch, context),
  validate: (spec) => validate(spec),
  socketExcess: (runtimeDir) => socketExcess(runtimeDir),
  plan,
  start,
  stop,
  status: async (identity) => ((await isAlive(identity)) ? 'running' : 'stopped'),
  findOrphan,
  connect,
  leasePort,
  runState,
  resume,
};

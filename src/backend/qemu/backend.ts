import { isAlive } from '../../process/identity.ts';
import type { Backend } from '../backend.ts';
import { capabilities } from './plan/capabilities.ts';
import { hasTemplates } from './plan/memory.ts';
import { plan } from './plan/plan.ts';
import { socketExcess } from './plan/sockets.ts';
import { validate } from './plan/validate.ts';
import { probe } from './probe/probe.ts';
import { connect, leasePort } from './run/channels.ts';
import { findOrphan } from './run/orphan.ts';
import { save } from './run/saved-state.ts';
import { start } from './run/start.ts';
import { resume, runState } from './run/state.ts';
import { stop } from './run/stop.ts';

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
  hasTemplates,
  save,
};

import { backendByName, backendNames } from '../../backend/registry.ts';
import type { Settings, Sourced } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import type { Emit } from '../../events/events.ts';

/** What people's files name as a hypervisor, whether mvmctl has it or not. */
const hypervisors = [
  'qemu',
  'firecracker',
  'cloud-hypervisor',
  'crosvm',
  'libkrun',
  'apple-container',
  'virtualization-framework',
  'vz',
  'vfkit',
  'kvm',
  'docker',
];

/**
 * Looks at what is to run the VM. `backend` is meant as it stands; `hypervisor` is a preference, and a note says so
 * where it can't be met.
 * @throws MvmError CONFIG_INVALID, with the place, for a backend that this mvmctl lacks or a name that is none
 */
export function checkBackend({ backend, hypervisor }: Settings, emit: Emit): void {
  if (backend !== undefined) requireBackend(backend);
  else if (hypervisor !== undefined && !backendNames.includes(hypervisor.value)) {
    const { value, source } = hypervisor;
    if (!hypervisors.includes(value.toLowerCase())) throw unknownHypervisor(hypervisor);
    const text = `${source} prefers ${value}, which this mvmctl does not have. Using ${backendNames[0]}.`;
    emit({ type: 'note', level: 'info', text });
  }
}

function requireBackend({ value, source }: Sourced<string>): void {
  try {
    backendByName(value);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    throw new MvmError('CONFIG_INVALID', `${source}: backend: ${error.message}`, { cause: error });
  }
}

function unknownHypervisor({ value, source }: Sourced<string>): MvmError {
  const meant = nearest(value, hypervisors);
  return new MvmError(
    'CONFIG_INVALID',
    `${source}: hypervisor: '${value}' is not the name of a hypervisor.`,
    {
      hint: meant === undefined ? `write: hypervisor = "${backendNames[0]}"` : `did you mean ${meant}?`,
    },
  );
}

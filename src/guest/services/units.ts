import type { ServiceState, Unit } from '../../protocol/fields.ts';

/** All that a guest supervises: its services in the order of their start, then the entrypoint's program, if it has one. */
export function unitsOf({ services, entrypoint }: Pick<ServiceState, 'services' | 'entrypoint'>): Unit[] {
  return entrypoint === null ? [...services] : [...services, entrypoint];
}

import type { Usage } from '../../vm/condition/usage.ts';
import { bytes } from './format.ts';
import { table } from './table.ts';

const amount = (count: number | null): string => (count === null ? '-' : bytes(count));
const both = (one: number | null, other: number | null): string =>
  one === null && other === null ? '-' : `${amount(one)} / ${amount(other)}`;

/** @param columns of the terminal, where there is one */
export function usageTable(all: readonly Usage[], columns: number | undefined): string {
  const rows = all.map((vm) => [
    vm.name,
    vm.cpuPercent === null ? (vm.cpuMs === null ? vm.status : '-') : `${vm.cpuPercent.toFixed(1)} %`,
    both(vm.guestMemoryUsedBytes, vm.guestMemoryTotalBytes),
    amount(vm.hostMemoryBytes),
    both(vm.diskBytes, vm.diskSizeBytes),
    both(vm.receivedBytes, vm.sentBytes),
    vm.streams === null ? '-' : String(vm.streams),
  ]);
  const headers = ['name', 'cpu', 'guest memory', 'host memory', 'disk', 'network in / out', 'streams'];
  return table(headers, rows, columns, ['streams', 'network in / out', 'disk', 'host memory']);
}

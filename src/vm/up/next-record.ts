import { availableParallelism } from 'node:os';
import { vcpusInWords } from '../../config/amount.ts';
import { envFlag, isFromFile, type Settings, type Sourced } from '../../config/settings.ts';
import type { Image } from '../../image/load-image.ts';
import { newVmId } from '../boot/plan.ts';
import type { Architecture, BootRecord, VmKind, VmRecord } from '../state/record.ts';

/**
 * The record of a VM about to boot. What was asked for now wins; then a size that was once asked for by
 * a flag or variable, so that it holds until something else is said; then the image's own values.
 */
export function nextRecord(
  before: VmRecord | undefined,
  image: Pick<Image, 'spec'>,
  settings: Settings,
  vm: { kind: VmKind; name: string; arch: Architecture; project: string; own: boolean; throwaway?: boolean },
): VmRecord {
  const asked = askedSizes(before, settings);
  const vcpus = asked.vcpus ?? {
    value: Math.min(image.spec.vcpus, availableParallelism()),
    source: 'image',
  };
  const memoryMib = asked.memoryMib ?? { value: image.spec.memoryMib, source: 'image' };
  const env = Object.entries(settings.env);
  return {
    id: before?.id ?? newVmId(),
    name: vm.name,
    kind: vm.kind,
    defaultOf: before === undefined ? (vm.own ? vm.project : null) : before.defaultOf,
    project: before?.project ?? vm.project,
    arch: vm.arch,
    vcpus: vcpus.value,
    memoryMib: memoryMib.value,
    env: Object.fromEntries(env.map(([key, { value }]) => [key, value])),
    sources: {
      vcpus: vcpus.source,
      memoryMib: memoryMib.source,
      ...Object.fromEntries(env.map(([key, { source }]) => [`env.${key}`, source])),
    },
    ...(vm.throwaway === true ? { throwaway: true } : {}),
    createdAt: before?.createdAt ?? new Date().toISOString(),
  };
}

/** The sizes that do not depend on the image. */
export function askedSizes(before: VmRecord | undefined, settings: Settings) {
  return {
    vcpus: settings.vcpus ?? remembered(before, 'vcpus'),
    memoryMib: settings.memoryMib ?? remembered(before, 'memoryMib'),
  };
}

/** Values from a file or an image are read again each time, and do not outlive their source. */
function remembered(before: VmRecord | undefined, name: 'vcpus' | 'memoryMib'): Sourced<number> | undefined {
  if (before === undefined) return undefined;
  // Records of version 0.1 do not tell; what they have may have been asked for.
  const source = before.sources[name] ?? 'earlier';
  const found = { value: before[name], source };
  return source === 'image' || isFromFile(found) ? undefined : found;
}

/** The settings that choose the image. */
const imageSettings = ['flake', 'profile', 'nixpkgs'] as const;

/** What was said of the image, for the record of a boot. */
export function askedImage(settings: Settings): Record<string, string> {
  const said = imageSettings.map((name) => [name, settings[name]?.value]);
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/** Describes how a running VM differs from the settings. */
export function differences(
  boot: Pick<BootRecord, 'vcpus' | 'memoryMib' | 'env' | 'asked'>,
  settings: Settings,
  sources: VmRecord['sources'],
): string[] {
  const found: string[] = [];
  for (const name of imageSettings) {
    const [now, then] = [settings[name], boot.asked?.[name]];
    if (boot.asked !== undefined && now !== undefined && now.value !== then)
      found.push(`${name} ${then ?? 'as it is by default'} (${now.source}: ${now.value})`);
  }
  const { vcpus, memoryMib, env } = settings;
  if (vcpus !== undefined && vcpus.value !== boot.vcpus)
    found.push(`${vcpusInWords(boot.vcpus)} (${vcpus.source}: ${vcpus.value})`);
  if (memoryMib !== undefined && memoryMib.value !== boot.memoryMib)
    found.push(`${boot.memoryMib} MiB (${memoryMib.source}: ${memoryMib.value})`);
  // What was given only for that boot is not missed.
  const given = Object.keys(boot.env).filter((name) => sources[`env.${name}`] !== envFlag);
  const names = new Set([...Object.keys(env), ...given]);
  const changed = [...names].filter((name) => env[name]?.value !== boot.env[name]);
  if (changed.length > 0) found.push(`another environment (${changed.join(', ')})`);
  return found;
}

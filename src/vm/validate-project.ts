import { defaultBackend } from '../backend/registry.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { checkLocalFlake, parseFlakeRef } from '../project/flake-ref.ts';
import { bareFlake, findProject } from '../project/project.ts';
import { projectSettings } from '../project/project-settings.ts';
import { readSource } from '../project/source.ts';
import { requireTracked } from '../project/untracked.ts';
import { checkBackend } from './boot/choose-backend.ts';
import { checkSizes } from './boot/plan.ts';
import type { Check } from './checks.ts';
import { ownArch } from './state/record.ts';
import type { Surroundings } from './surroundings.ts';

/** All that can be known of a project without Nix; nothing is started, and nothing made. */
export async function validateProject(
  context: Omit<Surroundings, 'emit'> & { cwd: string },
): Promise<Check[]> {
  const checks: Check[] = [];
  const project = await findProject(context.cwd);
  const { configFile } = project;
  if (configFile === undefined) {
    const bare = await bareFlake(project);
    const text =
      bare === undefined ? `${project.dir} has none` : `${project.dir} has none, so ${bare} is not used`;
    return [{ name: 'mvm.toml', state: 'fail', text, hint: 'mvmctl init' }];
  }
  const read = await checked('mvm.toml', () => projectSettings(context.cwd, {}, context.env));
  if ('check' in read) return [read.check];
  checks.push({ name: 'mvm.toml', state: 'ok', text: configFile });
  const { settings } = read.value;
  const sizes = await checked('machine', async () => {
    checkSizes(settings, ownArch(), defaultBackend);
    checkBackend(settings, ({ type, ...event }) => {
      if (type === 'note' && 'text' in event)
        checks.push({ name: 'machine', state: 'warn', text: event.text });
    });
  });
  if ('check' in sizes) checks.push(sizes.check);
  const { flake } = settings;
  if (flake === undefined) {
    const text = `${configFile} names no flake: 'dev up' boots the default image, and 'up' has nothing to run`;
    return [...checks, { name: 'flake', state: 'warn', text, hint: 'flake = "."   (a line in mvm.toml)' }];
  }
  const source = await checked('flake', async () => {
    const base = flake.source.includes('/') ? project.dir : context.cwd;
    const ref = parseFlakeRef(flake, base);
    if (ref.kind === 'remote') return undefined;
    const found = await readSource(await checkLocalFlake(ref.dir, flake.source), context);
    requireTracked(found);
    return found;
  });
  if ('check' in source) return [...checks, source.check];
  const notes = source.value?.notes ?? [];
  for (const text of notes) checks.push({ name: 'flake', state: 'warn', text });
  const count = source.value?.entries.length;
  const text =
    count === undefined ? flake.value : `${flake.value}, ${count} ${count === 1 ? 'file' : 'files'}`;
  return [...checks, { name: 'flake', state: 'ok', text: `${text}; 'mvmctl build' evaluates it` }];
}

async function checked<T>(name: string, look: () => Promise<T>): Promise<{ value: T } | { check: Check }> {
  try {
    return { value: await look() };
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    const { message, details, hint } = error;
    return {
      check: {
        name,
        state: 'fail',
        text: message,
        ...(details.length > 0 ? { details } : {}),
        ...(hint === undefined ? {} : { hint }),
      },
    };
  }
}

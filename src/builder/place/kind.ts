import { MvmError } from '../../errors/mvm-error.ts';

/** Where Nix runs: in the builder VM, or the host's own. */
export type BuilderKind = 'vm' | 'host';

export function parseBuilder(text: string): BuilderKind {
  if (text === 'vm' || text === 'host') return text;
  throw new MvmError('USAGE', `'${text}' is not a builder. Use vm or host.`);
}

/** What was asked for, else what MVM_BUILDER says. Throws CONFIG_INVALID for another word there. */
export function builderKind(asked: BuilderKind | undefined, env: NodeJS.ProcessEnv): BuilderKind {
  const named = env.MVM_BUILDER;
  if (asked !== undefined || !named) return asked ?? 'vm';
  if (named === 'vm' || named === 'host') return named;
  throw new MvmError('CONFIG_INVALID', `MVM_BUILDER: '${named}' is not a builder. Use vm or host.`, {
    hint: 'unset MVM_BUILDER',
  });
}

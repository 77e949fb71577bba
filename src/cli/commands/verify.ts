import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import type { Check, Report } from '../../image/verify/verify.ts';
import { imageOrVm } from '../arguments/complete-values.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';
import { table, terminalColumns } from '../render/table.ts';
import { oneLine } from '../render/untrusted.ts';

export const verify = defineCommand<{ allowAccessible: boolean; json: boolean }>({
  name: 'verify',
  summary: 'check what an image is from its files',
  description:
    'Read the image itself (checksums, hash tree, agent and root file system) and check whether what it says about itself is true. ' +
    'Exit with status 0 only if every check passes and the image is sealed, so that it can be a gate in CI.',
  arguments: [
    {
      name: 'image',
      description: "an image's folder, the start of its digest (see mvmctl images), or a VM that uses it",
      required: true,
      complete: imageOrVm,
    },
  ],
  options: [
    { flags: '--allow-accessible', description: 'let an image with console and exec pass as well' },
    { flags: '--json', description: 'print as JSON' },
  ],
  examples: [
    ['mvmctl verify 3f2a91c04d11', 'verify an image in the cache'],
    ['mvmctl verify ./result --json', 'verify a folder, for a script'],
    ['mvmctl verify my-app-dev --allow-accessible', 'verify the image of a dev VM, which has a shell'],
  ],
  async run(context, { arguments: [asked = ''], options }) {
    const { findImage } = await import('../arguments/find-image.ts');
    const { verifyArtifact } = await import('../../image/verify/verify.ts');
    const { dir, digest } = await findImage(context, asked);
    const report = await phase(
      context.emit,
      'verify',
      `Reading ${dir}`,
      () => verifyArtifact(dir, { signal: context.signal, digest }),
      ({ checks }) => `${checks.length} checks`,
    );
    const { checks, ok, sealed } = report;
    if (options.json === true) await printJson(context, asJson(report));
    else await print(context, asText(report, terminalColumns(context.stdout)));
    const wrong = checks.filter(({ result }) => result === 'fail').map(({ name }) => name);
    if (!ok) throw new MvmError('VERIFY_FAILED', `${dir} fails verification: ${wrong.join(', ')}.`);
    if (!sealed && options.allowAccessible !== true) {
      throw new MvmError('NOT_SEALED', `${dir} is accessible: its VMs allow console and exec.`, {
        hint: `mvmctl verify ${asked} --allow-accessible`,
      });
    }
    return 0;
  },
});

function asJson({ dir, digest, spec, checks, ok, sealed }: Report): object {
  return {
    path: dir,
    digest,
    name: spec?.name ?? null,
    system: spec?.system ?? null,
    ok,
    sealed,
    accessible: spec?.accessible ?? null,
    checks,
  };
}

function asText({ checks, ok, sealed, spec, digest }: Report, columns: number | undefined): string {
  const words: Record<Check['result'], string> = { pass: 'pass', warn: 'warn', fail: 'FAIL', skip: '-' };
  const rows = checks.map(({ name, result, read }) => [name, words[result], oneLine(read)]);
  const findings = checks.flatMap(({ name, result, findings: found }) =>
    found.map((text) => `${result === 'fail' ? 'FAIL' : 'warn'} ${name}: ${oneLine(text)}`),
  );
  const image = `${oneLine(spec?.name ?? 'The image')} (${digest.slice(0, 12)})`;
  const verdict = !ok
    ? `${image} fails verification.`
    : sealed
      ? `${image} is sealed: no console, no exec, a verified root.`
      : `${image} is accessible: it allows console and exec.`;
  return [table(['check', 'result', 'what was read'], rows, columns), ...findings, verdict].join('\n');
}

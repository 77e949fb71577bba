import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import type { Unit } from '../../guest/services/services.ts';
import type { ServiceAction } from '../../protocol/host-messages.ts';
import { serviceName, vmOrService } from '../arguments/complete-values.ts';
import { type Context, printJson } from '../context.ts';
import { type CommandDefinition, defineCommand } from '../program/command.ts';

const words: Record<ServiceAction, { summary: string; doing: string; description: string }> = {
  start: {
    summary: 'start a service in a VM',
    doing: 'Starting',
    description: 'Start a service that is not running, and return when it is ready.',
  },
  stop: {
    summary: 'stop a service in a VM',
    doing: 'Stopping',
    description:
      'Stop a service with its stop signal, give it the time it needs, and return when all its processes have ended. It stays stopped until you start it or the VM again.',
  },
  restart: {
    summary: 'restart a service in a VM',
    doing: 'Restarting',
    description: 'Stop a service, start it again, and return when it is ready.',
  },
};

export const serviceStart = define('start');
export const serviceStop = define('stop');
export const serviceRestart = define('restart');

function define(action: ServiceAction): CommandDefinition {
  const { summary, description } = words[action];
  return defineCommand<{ json: boolean }>({
    name: `service ${action}`,
    summary,
    description: `${description} This does not work with sealed images.`,
    arguments: [
      {
        name: 'vm',
        description: "the VM; this project's unless given. A single argument is the service",
        complete: vmOrService,
      },
      { name: 'service', description: 'the service', complete: serviceName },
    ],
    options: [{ flags: '--json', description: 'print the service as JSON' }],
    examples: [
      [`mvmctl service ${action} redis`, `${action} a service in this project's VM`],
      [`mvmctl service ${action} demo redis`, `${action} a service in the VM demo`],
    ],
    async run(context, { arguments: [first, second], options }) {
      const [vm, service] = second === undefined ? [undefined, first] : [first, second];
      if (service === undefined) {
        throw new MvmError('USAGE', `mvmctl service ${action} needs the name of a service.`, {
          hint: 'mvmctl ps',
        });
      }
      const unit = await control(context, vm, service, action);
      if (options.json === true) await printJson(context, unit);
      return 0;
    },
  });
}

async function control(
  context: Context,
  name: string | undefined,
  service: string,
  action: ServiceAction,
): Promise<Unit> {
  const { findRunningVm } = await import('../../vm/state/find.ts');
  const { guestAccess } = await import('../../vm/condition/guest.ts');
  const { controlService } = await import('../../guest/services/service.ts');
  const { withService } = await import('../arguments/find-service.ts');
  const { withServiceNews } = await import('../services/news.ts');
  const { requireAccessible } = await import('../../vm/images/accessible.ts');
  const vm = await findRunningVm(context.paths, context.cwd, name);
  requireAccessible(vm, 'control of services');
  const guest = guestAccess(vm, context.emit);
  return withService(context, vm, service, () =>
    phase(
      context.emit,
      'service',
      `${words[action].doing} ${service}`,
      (running) =>
        withServiceNews(context, vm, service, running.status, () =>
          controlService(guest, { name: service, action }, context.signal),
        ),
      ({ pid, message }) => (pid === null ? message || undefined : `process ${pid}`),
    ),
  );
}

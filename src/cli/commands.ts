import { apply } from './commands/apply.ts';
import { build } from './commands/build.ts';
import { builderReset, builderStatus, builderStop } from './commands/builder.ts';
import { changes } from './commands/changes.ts';
import { completeCommand } from './commands/complete.ts';
import { completion } from './commands/completion.ts';
import { consoleCommand } from './commands/console.ts';
import { cp } from './commands/cp.ts';
import { devDown } from './commands/dev-down.ts';
import { devStatus } from './commands/dev-status.ts';
import { devUp } from './commands/dev-up.ts';
import { discard } from './commands/discard.ts';
import { doctor } from './commands/doctor.ts';
import { exec } from './commands/exec.ts';
import { forward } from './commands/forward.ts';
import { images } from './commands/images.ts';
import { init } from './commands/init.ts';
import { inspect } from './commands/inspect.ts';
import { logs } from './commands/logs.ts';
import { ls } from './commands/ls.ts';
import { open } from './commands/open.ts';
import { port } from './commands/port.ts';
import { prune } from './commands/prune.ts';
import { ps } from './commands/ps.ts';
import { resume } from './commands/resume.ts';
import { rm } from './commands/rm.ts';
import { rmi } from './commands/rmi.ts';
import { run } from './commands/run.ts';
import { schema } from './commands/schema.ts';
import { serviceRestart, serviceStart, serviceStop } from './commands/service.ts';
import { setup } from './commands/setup.ts';
import { ssh } from './commands/ssh.ts';
import { sshConfig } from './commands/ssh-config.ts';
import { sshConnect } from './commands/ssh-connect.ts';
import { stats } from './commands/stats.ts';
import { stop } from './commands/stop.ts';
import { templateMake, templateRm, templates } from './commands/template.ts';
import { up } from './commands/up.ts';
import { validate } from './commands/validate.ts';
import { verify } from './commands/verify.ts';
import type { CommandDefinition } from './program/command.ts';

/** All commands, in the order of the help. */
export const commands: readonly CommandDefinition[] = [
  devUp,
  devDown,
  devStatus,
  up,
  consoleCommand,
  exec,
  cp,
  changes,
  apply,
  discard,
  ssh,
  sshConfig,
  ls,
  inspect,
  ps,
  stats,
  logs,
  forward,
  port,
  open,
  serviceStart,
  serviceStop,
  serviceRestart,
  stop,
  rm,
  init,
  validate,
  build,
  images,
  verify,
  rmi,
  templates,
  templateMake,
  templateRm,
  prune,
  builderStatus,
  builderStop,
  builderReset,
  doctor,
  setup,
  completion,
  schema,
  run,
  resume,
  sshConnect,
  completeCommand(() => commands),
];

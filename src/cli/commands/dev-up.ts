import { agentFlag } from '../arguments/agent-flag.ts';
import { defineCommand } from '../program/command.ts';
import {
  jsonFlag,
  machineFlags,
  mountFlags,
  restartFlag,
  templateFlag,
  type UpFlags,
  waitFlags,
} from '../up/options.ts';
import { buildFlags } from './build.ts';

export const devUp = defineCommand<UpFlags>({
  name: 'dev up',
  summary: "start this project's dev VM and open its shell",
  description:
    "Start this project's dev VM and open its shell. Create the VM the first time; attach to it if it is already running. What you write in the VM survives 'dev down' and 'dev up'.",
  options: [
    { flags: '-d, --detach', description: 'start it without opening the shell' },
    ...waitFlags,
    ...machineFlags,
    restartFlag,
    templateFlag,
    agentFlag,
    ...mountFlags,
    { flags: '--reset', description: 'start with an empty disk' },
    ...buildFlags,
    jsonFlag,
  ],
  examples: [
    ['mvmctl dev up', 'open a shell in a Linux machine'],
    ['mvmctl dev up -d --vcpus 4 --memory 2G', 'start a bigger machine in the background'],
    ['mvmctl dev up --wait', 'return when its services are ready'],
    ['mvmctl dev up --arch aarch64 --name arm', 'start an ARM machine as well'],
    ['mvmctl dev up --mount ../data:/data:ro', 'show another folder beside the project'],
    ['mvmctl dev up --reset', 'start over with an empty disk'],
  ],
  async run(context, { options }) {
    const { runUp } = await import('../up/run-up.ts');
    const up = await runUp(context, 'dev', options);
    if (up === undefined) return 0;
    const { attach } = await import('../attach/attach.ts');
    return (await attach(context, up.vm)).status;
  },
});

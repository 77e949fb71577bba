import { placeName } from '../arguments/complete-values.ts';
import { defineCommand } from '../program/command.ts';

export const cp = defineCommand<{ recursive: boolean }>({
  name: 'cp',
  aliases: ['copy', 'scp'],
  summary: 'copy files to a VM, from it, or between VMs',
  description:
    "Copy a file or, with -r, a folder with all that is in it. VM:PATH is a path in a running VM, :PATH one in this project's VM; without a slash at its start it is relative to root's home. SRC/ with a slash at its end stands for what is in the folder, SRC for the folder itself. DST is created if only its last part is missing. - is standard input or output.",
  arguments: [
    { name: 'src', description: 'VM:PATH, a path on this host, or -', required: true, complete: placeName },
    { name: 'dst', description: 'VM:PATH, a path on this host, or -', required: true, complete: placeName },
  ],
  options: [{ flags: '-r, --recursive', aliases: ['-R'], description: 'copy folders' }],
  examples: [
    ['mvmctl cp notes.txt demo:', "to root's home in the VM demo"],
    ['mvmctl cp :/etc/hosts .', "from this project's VM"],
    ['mvmctl cp -r src demo:/srv', 'creates /srv/src'],
    ['mvmctl cp -r src/ demo:/srv', 'what is in src goes into /srv'],
    ['mvmctl cp demo:/var/log/app.log -', 'a file to standard output'],
    ['mvmctl cp -r demo:/srv/data other:/srv', 'from one VM to another'],
  ],
  async run(context, { arguments: [from = '', to = ''], options }) {
    const { copyPlaces } = await import('../attach/copy-places.ts');
    await copyPlaces(context, from, to, options.recursive === true);
    return 0;
  },
});

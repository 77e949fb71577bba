import { placeName } from '../arguments/complete-values.ts';
import { defineCommand } from '../program/command.ts';

export const cp = defineCommand<{ recursive: boolean }>({
  name: 'cp',
  aliases: ['copy', 'scp'],
  summary: 'copy files to a VM, from it, or between VMs',
  description:
    "Copy a file, or with -r a folder and all in it. VM:PATH is a path in a running VM, :PATH in this project's; one that does not begin with a slash begins at root's home. SRC/ with a slash at its end is what is in the folder; without it, the folder itself comes into DST by its name. DST is made if only its last part is missing. - is standard input or output.",
  arguments: [
    { name: 'src', description: 'VM:PATH, a path on this host, or -', required: true, complete: placeName },
    { name: 'dst', description: 'where it goes, likewise', required: true, complete: placeName },
  ],
  options: [{ flags: '-r, --recursive', aliases: ['-R'], description: 'copy folders' }],
  examples: [
    ['mvmctl cp notes.txt demo:', 'to the home of root in the VM demo'],
    ['mvmctl cp :/etc/hosts .', "from this project's VM"],
    ['mvmctl cp -r src demo:/srv', 'the folder is /srv/src then'],
    ['mvmctl cp -r src/ demo:/srv', 'what is in the folder is in /srv then'],
    ['mvmctl cp demo:/var/log/app.log -', 'a file to standard output'],
    ['mvmctl cp -r demo:/srv/data other:/srv', 'from one VM to another'],
  ],
  async run(context, { arguments: [from = '', to = ''], options }) {
    const { copyPlaces } = await import('../attach/copy-places.ts');
    await copyPlaces(context, from, to, options.recursive === true);
    return 0;
  },
});

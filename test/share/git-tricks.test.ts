import { closeSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { namesOf } from './guest.ts';
import { makeProject, type Project } from './project.ts';

/** What a hostile guest tries, so that git on the host runs a program of its. */
interface Trick {
  name: string;
  /** The host's user makes the project by this; `git init -q` unless given. */
  setup?: string;
  /** Lines of the host user's ~/.gitconfig. */
  home?: string;
  attempt(project: Project): void;
}

const evil = '"$(git rev-parse --show-toplevel)/evil"';
const settings = (lines: string): string => `[core]\n\trepositoryformatversion = 0\n${lines}`;
const fsmonitor = ({ root }: Project): string => settings(`\tfsmonitor = ${root}/evil\n`);

/** The steps by which a folder becomes a repository with a configuration and hooks of the guest's. */
const parts = (project: Project, folder: string): Record<string, () => void> => {
  const { guest, canary } = project;
  return {
    head: () => guest.write(`${folder}/HEAD`, 'ref: refs/heads/main\n'),
    objects: () => guest.folder(`${folder}/objects`),
    refs: () => guest.folder(`${folder}/refs`),
    config: () => guest.write(`${folder}/config`, `${fsmonitor(project)}\tbare = false\n\tworktree = ..\n`),
    hook: () => {
      guest.folder(`${folder}/hooks`);
      for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction', 'post-checkout'])
        guest.write(`${folder}/hooks/${hook}`, canary);
    },
  };
};

const orders = [
  'head objects refs config hook',
  'hook config refs objects head',
  'config head refs objects hook',
  'refs config hook head objects',
  'hook head objects refs config',
  'config hook objects head refs',
];

const bare = orders.map(
  (order): Trick => ({
    name: `a folder becomes a repository: ${order}`,
    attempt(project) {
      project.guest.folder('lib');
      for (const part of order.split(' ')) attempt(parts(project, 'lib')[part]);
    },
  }),
);

const keys: Record<string, string> = {
  'core.fsmonitor': `[core]\n\tfsmonitor = ${evil}`,
  'core.fsmonitor on the line of the section': `[core] fsmonitor = ${evil}`,
  'core.hooksPath': '[core]\n\thooksPath = .',
  'core.editor': '[core]\n\teditor = ./evil',
  'core.sshCommand and a remote': '[core]\n\tsshCommand = ./evil\n[remote "o"]\n\turl = ssh://h/p',
  'core.pager': '[core]\n\tpager = ./evil\n[pager]\n\tlog = ./evil',
  'core.gitProxy': '[core]\n\tgitProxy = ./evil\n[remote "o"]\n\turl = git://h/p',
  'core.attributesFile and a filter': '[core]\n\tattributesFile = a\n[filter "x"]\n\tclean = ./evil',
  'include.path': '[include]\n\tpath = ../more',
  includeIf: '[includeIf "gitdir:**"]\n\tpath = ../more',
  'diff.external': '[diff]\n\texternal = ./evil',
  'diff.x.textconv': '[diff "x"]\n\ttextconv = ./evil',
  'merge.x.driver': '[merge "x"]\n\tdriver = ./evil',
  'gpg.program': '[gpg]\n\tprogram = ./evil\n[commit]\n\tgpgSign = true',
  'credential.helper': '[credential]\n\thelper = !./evil\n[remote "o"]\n\turl = http://127.0.0.1:1/x',
  'alias of a command': '[alias]\n\tst = !./evil',
  'remote.x.url ext::': '[remote "o"]\n\turl = ext::./evil\n[protocol "ext"]\n\tallow = always',
  'remote.x.uploadpack': '[remote "o"]\n\turl = .\n\tuploadpack = ./evil',
  'remote.x.vcs': '[remote "o"]\n\tvcs = x',
  'url.insteadOf': '[url "ext::./evil "]\n\tinsteadOf = h',
  'submodule.x.update': '[submodule "x"]\n\tupdate = !./evil',
  'branch.x.mergeOptions': '[branch "main"]\n\tmergeOptions = -s x/../evil',
  'sequence.editor': '[sequence]\n\teditor = ./evil',
  'a continued line': '[core]\n\tbare = false \\\n\n\tfsmonitor = ./evil',
  'after a comment that ends': '# \\\n[core]\n\tfsmonitor = ./evil',
  'behind a carriage return': '[core]\n\tbare = false\r[core]\n\tfsmonitor = ./evil',
  'a subsection with a bracket': '[remote "]\\n[core"]\n\tfetch = x\n[core]\n\tfsmonitor = ./evil',
  'the old form of a section': '[core.x]\n\tbare = true\n[CORE]\n\tFSMonitor = ./evil',
};

const configs = Object.entries(keys).flatMap(([name, lines]): Trick[] =>
  (name.includes('fsmonitor') ? ['.git', 'sub/.git'] : ['.git']).map((git) => ({
    name: `configuration of ${git}: ${name}`,
    setup: 'git init -q; git init -q sub',
    attempt({ guest }) {
      guest.write('more', `[core]\n\tfsmonitor = ${evil}\n`);
      guest.write('a', '* filter=x diff=x merge=x\n');
      guest.write('.gitattributes', '* filter=x diff=x merge=x\n');
      const before = guest.read(`${git}/config`);
      attempt(() => guest.replace(`${git}/config`, `${guest.read(`${git}/config`)}${lines}\n`));
      attempt(() => guest.write(`${git}/config`, lines));
      expect(guest.read(`${git}/config`)).toBe(before);
    },
  })),
);

const tricks: Trick[] = [
  {
    name: 'a new hook',
    attempt: ({ guest, canary }) => attempt(() => guest.write('.git/hooks/pre-commit', canary)),
  },
  {
    name: 'a hook of the host written over',
    setup: "git init -q; printf '#!/bin/sh\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit",
    attempt({ guest, canary }) {
      attempt(() => guest.write('.git/hooks/pre-commit', canary));
      attempt(() => guest.replace('.git/hooks/pre-commit', canary));
      attempt(() => guest.link('.git/hooks/pre-commit', 'mine'));
      attempt(() => guest.write('mine', canary));
    },
  },
  {
    name: 'a sample renamed to a hook',
    attempt({ guest, canary }) {
      attempt(() => guest.write('.git/hooks/pre-commit.sample', canary));
      attempt(() => guest.move('.git/hooks/pre-commit.sample', '.git/hooks/pre-commit'));
      attempt(() => guest.link('.git/hooks/pre-commit.sample', '.git/hooks/pre-commit'));
      attempt(() => guest.symlink('pre-commit.sample', '.git/hooks/pre-commit'));
    },
  },
  {
    name: 'hooks moved away, and a folder of the guest in their place',
    attempt({ guest, canary }) {
      guest.folder('mine');
      guest.write('mine/pre-commit', canary);
      attempt(() => guest.move('.git/hooks', 'old'));
      attempt(() => guest.move('mine', '.git/hooks'));
      attempt(() => guest.symlink('../mine', '.git/hooks'));
    },
  },
  {
    name: '.git moved away, changed, and moved back',
    setup: 'git init -q; git init -q sub',
    attempt(project) {
      const { guest } = project;
      for (const git of ['.git', 'sub/.git']) {
        attempt(() => guest.move(git, 'x'));
        attempt(() => guest.write('x/config', fsmonitor(project)));
        attempt(() => guest.remove('x/HEAD'));
        attempt(() => guest.write('x/config', fsmonitor(project)));
        attempt(() => guest.write('x/HEAD', 'ref: refs/heads/main\n'));
        attempt(() => guest.move('x', git));
      }
    },
  },
  {
    name: 'a repository taken apart, changed, and put together again',
    setup: 'git init -q; git init -q --bare lib',
    attempt(project) {
      const { guest } = project;
      for (const part of ['objects', 'refs']) {
        attempt(() => guest.move(`lib/${part}`, `aside-${part}`));
        attempt(() => guest.move('lib/HEAD', 'aside-head'));
        attempt(() => guest.write('lib/config', fsmonitor(project)));
        attempt(() => guest.move('aside-head', 'lib/HEAD'));
        attempt(() => guest.move(`aside-${part}`, `lib/${part}`));
      }
      attempt(() => guest.tree.removeFolder(namesOf('lib/refs/tags')));
      attempt(() => guest.tree.removeFolder(namesOf('lib/refs/heads')));
      attempt(() => guest.tree.removeFolder(namesOf('lib/refs')));
      attempt(() => guest.write('lib/config', fsmonitor(project)));
      attempt(() => guest.folder('lib/refs'));
    },
  },
  {
    name: 'a folder made elsewhere is moved to .git',
    attempt(project) {
      const { guest } = project;
      guest.folder('sub');
      guest.folder('x');
      for (const part of Object.values(parts(project, 'x'))) attempt(part);
      attempt(() => guest.move('x', 'sub/.git'));
    },
  },
  {
    name: 'a folder moved into place completes a repository',
    attempt(project) {
      const { guest } = project;
      guest.folder('lib');
      guest.folder('x/info');
      const { head, refs, config, hook } = parts(project, 'lib');
      for (const part of [head, refs, config, hook]) attempt(part);
      attempt(() => guest.move('x', 'lib/objects'));
    },
  },
  {
    name: 'a configuration with another name, written through that',
    attempt(project) {
      const { guest } = project;
      guest.folder('lib');
      guest.write('x', settings(''));
      attempt(() => guest.link('x', 'lib/config'));
      const { head, objects, refs } = parts(project, 'lib');
      for (const part of [head, objects, refs]) attempt(part);
      attempt(() => guest.write('x', fsmonitor(project)));
      attempt(() => guest.link('.git/config', 'y'));
      attempt(() => guest.write('y', fsmonitor(project)));
    },
  },
  {
    name: 'a configuration opened before the folder is a repository, written after',
    attempt(project) {
      const { guest } = project;
      guest.folder('lib');
      const fd = guest.tree.create(namesOf('lib/config'), 0o644);
      const { head, objects, refs } = parts(project, 'lib');
      for (const part of [head, objects, refs]) attempt(part);
      writeSync(fd, fsmonitor(project));
      closeSync(fd);
    },
  },
  {
    name: 'config.lock kept open over its renaming',
    attempt(project) {
      const { guest } = project;
      guest.write('.git/config.lock', guest.read('.git/config'));
      const fd = guest.tree.open(namesOf('.git/config.lock'), 'write');
      attempt(() => guest.link('.git/config.lock', 'x'));
      attempt(() => guest.move('.git/config.lock', '.git/config'));
      writeSync(fd, fsmonitor(project), 0);
      closeSync(fd);
      attempt(() => guest.write('x', fsmonitor(project)));
    },
  },
  ...['gitdir: ../x\n', 'gitdir: x\n', 'gitdir: .git/../../x\n', 'gitdir: /work-of-guest/x\n'].map(
    (text): Trick => ({
      name: `a .git file: ${text.trim()}`,
      attempt(project) {
        const { guest } = project;
        guest.folder('sub/.git');
        for (const folder of ['x', 'sub/x']) {
          guest.folder(folder);
          for (const part of Object.values(parts(project, folder))) attempt(part);
        }
        attempt(() => guest.tree.removeFolder(namesOf('sub/.git')));
        attempt(() => guest.write('sub/.git', text));
        guest.write('gitfile', text);
        attempt(() => guest.move('gitfile', 'sub/.git'));
        attempt(() => guest.link('gitfile', 'sub/.git'));
      },
    }),
  ),
  {
    name: 'a .git file that leads to a repository of the host with hooks beside it',
    setup:
      'mkdir ../other; git init -q ../other; git -C ../other config core.hooksPath hooks; git init -q; mkdir -p sub',
    attempt({ guest, canary, root }) {
      guest.folder('sub/hooks');
      guest.write('sub/hooks/pre-commit', canary);
      attempt(() => guest.write('sub/.git', `gitdir: ${root}/../other/.git\n`));
      attempt(() => guest.write('sub/.git', 'gitdir: ../../other/.git\n'));
      attempt(() => guest.symlink('../../other/.git', 'sub/.git'));
    },
  },
  {
    name: 'a work tree of the project with the hooks that its configuration names',
    setup:
      'git init -q; git commit -q --allow-empty -m a; git worktree add -q wt; git config core.hooksPath tools/hooks; rm wt/.git',
    attempt({ guest, canary }) {
      attempt(() => guest.folder('wt/tools/hooks'));
      attempt(() => guest.write('wt/tools/hooks/pre-commit', canary));
      attempt(() => guest.write('wt/.git', 'gitdir: ../.git/worktrees/wt\n'));
      attempt(() => guest.folder('wt/tools/hooks'));
      attempt(() => guest.write('wt/tools/hooks/post-checkout', canary));
    },
  },
  {
    name: 'commondir leads to a folder of the guest',
    setup: 'git init -q; git commit -q --allow-empty -m a; git worktree add -q wt',
    attempt(project) {
      const { guest } = project;
      guest.folder('x');
      for (const part of Object.values(parts(project, 'x'))) attempt(part);
      attempt(() => guest.write('.git/worktrees/wt/commondir', '../../../x\n'));
      attempt(() => guest.replace('.git/worktrees/wt/commondir', '../../../x\n'));
      guest.folder('lib');
      attempt(() => guest.write('lib/HEAD', 'ref: refs/heads/main\n'));
      attempt(() => guest.write('lib/commondir', '../x\n'));
      attempt(() => guest.write('.git/commondir', '../x\n'));
      guest.folder('y/x/z');
      attempt(() => guest.move('.git/worktrees/wt', 'y/x/z/wt'));
      attempt(() => guest.move('.git/worktrees', 'y/worktrees'));
    },
  },
  {
    name: 'alternates, attributes and remotes in .git',
    attempt({ guest, root }) {
      attempt(() => guest.write('.git/info/exclude', '*\n'));
      expect(guest.read('.git/info/exclude')).toContain('git ls-files');
      attempt(() => guest.write('.git/info/attributes', '* filter=x\n'));
      attempt(() => guest.folder('.git/remotes'));
      attempt(() => guest.write('.git/remotes/origin', `URL: ext::${root}/evil\n`));
      attempt(() => guest.write('.git/objects/info/alternates', '/\n'));
    },
  },
  {
    name: 'config.worktree',
    attempt(project) {
      const { guest } = project;
      attempt(() =>
        guest.replace('.git/config', `${guest.read('.git/config')}[extensions]\n\tworktreeConfig = true\n`),
      );
      attempt(() => guest.write('.git/config.worktree', fsmonitor(project)));
      attempt(() => guest.replace('.git/config.worktree', fsmonitor(project)));
      attempt(() => guest.link('evil', '.git/config.worktree'));
    },
  },
  {
    name: "a submodule's folder with hooks",
    attempt(project) {
      const { guest } = project;
      guest.folder('.git/modules/x');
      guest.folder('x');
      for (const part of Object.values(parts(project, '.git/modules/x'))) attempt(part);
      attempt(() => guest.write('x/.git', 'gitdir: ../.git/modules/x\n'));
    },
  },
  {
    name: 'core.worktree of a submodule leads out of the project',
    setup:
      'mkdir ../other; git init -q; git init -q --bare .git/modules/x; git -C .git/modules/x config core.bare false',
    attempt({ guest }) {
      for (const path of [
        '../../../../other',
        '/tmp',
        '../../..',
        '../../../.git',
        '../../../x/../../../other',
      ])
        attempt(() =>
          guest.replace(
            '.git/modules/x/config',
            `${guest.read('.git/modules/x/config')}[core]\n\tworktree = ${path}\n`,
          ),
        );
      expect(guest.read('.git/modules/x/config')).not.toContain('worktree');
    },
  },
  {
    name: 'links in .git to files of the host',
    setup: 'git init -q; git commit -q --allow-empty -m a; echo before > ../profile',
    attempt({ guest, sh }) {
      attempt(() => guest.remove('.git/logs/HEAD'));
      attempt(() => guest.symlink('../../../profile', '.git/logs/HEAD'));
      guest.symlink('../../../profile', 'x');
      attempt(() => guest.move('x', '.git/logs/HEAD'));
      attempt(() => guest.link('x', '.git/logs/HEAD'));
      sh('git commit -q --allow-empty -m "; touch x"');
      expect(sh('cat ../profile').stdout).toBe('before\n');
    },
  },
  ...[
    '.GIT',
    '.Git',
    '.g\u200cit',
    '\ufeff.git',
    '.git ',
    '.git.',
    '.git...',
    'git~1',
    'GIT~1',
    '.git::$INDEX_ALLOCATION',
  ].map(
    (name): Trick => ({
      name: `another spelling of .git: ${JSON.stringify(name)}`,
      attempt({ guest, canary }) {
        guest.folder('sub/x');
        expect(() => guest.folder(`sub/${name}`)).toThrow('EACCES');
        expect(() => guest.move('sub/x', `sub/${name}`)).toThrow('EACCES');
        expect(() => guest.write(`sub/${name}`, canary)).toThrow('EACCES');
        expect(() => guest.symlink('x', `sub/${name}`)).toThrow('EACCES');
      },
    }),
  ),
  ...[
    'HOOKS',
    'Config',
    'config ',
    'CONFIG.',
    'conf\u200cig',
    'CONFIG~1',
    'CommonDir',
    'Hooks/pre-commit',
  ].map(
    (name): Trick => ({
      name: `another spelling in .git: ${JSON.stringify(name)}`,
      attempt({ guest, canary }) {
        expect(() => guest.write(`.git/${name}`, canary)).toThrow('EACCES');
      },
    }),
  ),
  {
    name: 'exec lines of a rebase that the host continues',
    setup: 'git init -q; git commit -q --allow-empty -m a; git commit -q --allow-empty -m b',
    attempt({ guest, sh }) {
      sh('GIT_SEQUENCE_EDITOR="sed -i s/pick/edit/" git rebase -q -i HEAD^');
      attempt(() => guest.write('.git/rebase-merge/git-rebase-todo', 'exec ./evil\n'));
      attempt(() => guest.replace('.git/rebase-merge/git-rebase-todo', 'x ./evil\n'));
      attempt(() => guest.write('.git/rebase-merge/strategy', 'x/../evil\n'));
      attempt(() => guest.replace('.git/rebase-merge/strategy', 'x/../evil\n'));
      guest.folder('git-merge-x');
    },
  },
  {
    name: 'files that the configuration of the host names',
    setup:
      "git init -q; mkdir -p tools/hooks; printf '#!/bin/sh\\ncat\\n' > tools/clean; printf '#!/bin/sh\\n' > tools/hooks/pre-commit; chmod -R +x tools; echo '[core]' > .gitconfig; git config core.hooksPath tools/hooks; git config filter.x.clean ./tools/clean; git config include.path ../.gitconfig; echo '* filter=x' > .gitattributes",
    attempt(project) {
      const { guest, canary } = project;
      for (const path of ['tools/clean', 'tools/hooks/pre-commit', 'tools/hooks/post-index-change']) {
        attempt(() => guest.write(path, canary));
        attempt(() => guest.replace(path, canary));
        attempt(() => guest.remove(path));
        attempt(() => guest.link('evil', path));
        attempt(() => guest.link(path, 'mine'));
      }
      attempt(() => guest.write('mine', canary));
      attempt(() => guest.replace('.gitconfig', fsmonitor(project)));
      attempt(() => guest.move('tools', 'old'));
      guest.folder('new/hooks');
      guest.write('new/hooks/pre-commit', canary);
      guest.write('new/clean', canary);
      attempt(() => guest.move('new', 'tools'));
      attempt(() => guest.symlink('new', 'tools'));
      attempt(() => guest.write('Tools/Hooks/pre-commit', canary));
    },
  },
  {
    name: 'core.hooksPath of the host counts from elsewhere as soon as core.bare is changed',
    setup: 'git init -q; git config core.hooksPath tools/hooks',
    attempt({ guest, canary }) {
      attempt(() =>
        guest.replace('.git/config', guest.read('.git/config').replace('bare = false', 'bare = true')),
      );
      attempt(() => guest.folder('.git/tools/hooks'));
      attempt(() => guest.write('.git/tools/hooks/reference-transaction', canary));
      attempt(() => guest.write('.git/tools/hooks/pre-commit', canary));
    },
  },
  {
    name: 'hooks that the host has for all repositories are in their work trees',
    setup: 'true',
    home: '[core]\n\thooksPath = .githooks\n',
    attempt({ guest, canary }) {
      for (const folder of ['a', 'b']) {
        guest.folder(folder);
        attempt(() => guest.folder(`${folder}/.githooks`));
        attempt(() => guest.write(`${folder}/.githooks/pre-commit`, canary));
        attempt(() => guest.folder(`${folder}/.git`));
        attempt(() => guest.write(`${folder}/.git/HEAD`, 'ref: refs/heads/main\n'));
        attempt(() => guest.folder(`${folder}/.git/objects`));
        attempt(() => guest.folder(`${folder}/.git/refs`));
      }
    },
  },
  {
    name: "a submodule's .git file moved to where it leads out of the project",
    setup:
      'git init -q ..; mkdir -p a/b; git init -q; git init -q --bare ../.git/modules/x; git -C ../.git/modules/x config core.hooksPath hooks; git -C ../.git/modules/x config core.bare false',
    attempt({ guest, canary }) {
      guest.folder('a/b/hooks');
      guest.write('a/b/hooks/pre-commit', canary);
      attempt(() => guest.folder('a/.git/modules/x'));
      attempt(() => guest.write('a/b/.git', 'gitdir: ../.git/modules/x\n'));
      guest.has('a');
      attempt(() => guest.move('a/b', 'c'));
      attempt(() => guest.move('a', 'd'));
    },
  },
];

/** A guest goes on after what is refused. */
function attempt(step: (() => void) | undefined): void {
  try {
    step?.();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

test.each([...tricks, ...bare, ...configs])('never runs on the host: $name', ({
  setup,
  home,
  attempt: tried,
}) => {
  const project = makeProject(setup, {}, home);
  project.guest.write('evil', project.canary);
  tried(project);
  expect(project.ranOnHost()).toBe(false);
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { templates } from '../../../src/project/templates/templates.ts';
import { makeNixHome, type VmHome } from '../vm-home.ts';

/** Downloads and builds. Compilers are 200 packages. */
const buildMs = 1_800_000;

let home: VmHome;
beforeAll(async () => {
  home = await makeNixHome();
});
afterAll(() => home.destroy());

/** What a template's dev VM can do, as a line for its shell, and what that says. */
const proofs: Readonly<Record<string, readonly [string, RegExp]>> = {
  minimal: ['git --version', /^git version /],
  node: ['node --version && head -1 /srv/server.js', /^v\d+\.[\s\S]*createServer/],
  python: ['python3 -m py_compile /srv/app.py && echo compiled', /^compiled/],
  rust: [
    'cargo --version && cd /root/hello && rustc -o /tmp/hello main.rs && /tmp/hello',
    /^cargo \d[\s\S]*\nHello from a microVM/,
  ],
  go: ['go version && gofmt -l /root/hello', /^go version go\d\S* linux\/\w+\n$/],
  postgres: ['pg_isready -h /run/postgresql', /accepting connections/],
};

test('each template has a proof', () => {
  expect(Object.keys(proofs)).toEqual(Object.keys(templates));
});

/** 200 packages each, which an emulated builder unpacks for a quarter of an hour. */
const compilers = ['rust', 'go'];

test.for(Object.keys(templates))(
  'init --template %s writes a project that dev up builds and boots',
  { timeout: buildMs },
  async (template, { skip }) => {
    const emulated = home.env.MVM_BUILDER === undefined;
    if (emulated && compilers.includes(template) && process.env.MVM_REQUIRE_COMPILERS !== '1')
      skip('a compiler takes an emulated builder a quarter of an hour; MVM_REQUIRE_COMPILERS=1 builds it');
    const cwd = join(home.project, template);
    mkdirSync(cwd);
    const made = await home.run(['init', '--template', template, '--nixpkgs', 'debian'], { cwd });
    expect(made, made.stderr).toMatchObject({ status: 0 });
    const valid = await home.run(['validate'], { cwd });
    expect(valid, valid.stdout).toMatchObject({ status: 0 });
    const up = await home.run(['dev', 'up', '--wait', '--vcpus', '1'], { cwd });
    expect(up, up.stderr).toMatchObject({ status: 0 });
    const [line, says] = proofs[template] ?? ['', /x/];
    const { status, stdout, stderr } = await home.run(['exec', '--', '/bin/bash', '-lc', line], { cwd });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(says);
    expect(await home.run(['rm', '--force', template], { cwd })).toMatchObject({ status: 0 });
  },
);

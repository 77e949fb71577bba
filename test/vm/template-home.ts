import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { testCache } from '../mvmctl.ts';
import { makeVmHome, type VmHome } from './vm-home.ts';

export interface TemplateHome extends VmHome {
  cache: string;
  /** The template that a VM was resumed from; undefined for one that was booted. */
  templateOf(vm: string): string | undefined;
  /** The boot's key. */
  keyOf(vm: string): string;
  /** What is in the folder of templates. */
  templates(): string[];
  /** Has a template made of the machine that `up()` gives, which is stopped afterwards. Returns its folder. */
  make(): Promise<string>;
}

/** A home with templates, which are made when a test asks: in a cache of its own, with the images of the others. */
export function makeTemplateHome(): TemplateHome {
  const home = makeVmHome();
  const images = join(testCache, 'images');
  const own = join(home.dir, 'cache', 'images');
  if (existsSync(images)) cpSync(images, own, { recursive: true, preserveTimestamps: true });
  return withTemplates(home);
}

/** The same of a home whose cache is its folder `cache`, or is to be. */
export function withTemplates(home: VmHome): TemplateHome {
  const cache = join(home.dir, 'cache');
  mkdirSync(cache, { recursive: true });
  Object.assign(home.env, { MVM_CACHE_DIR: cache, MVM_TEMPLATES: 'use' });
  const boot = (vm: string) =>
    JSON.parse(readFileSync(join(home.dir, '.local/state/mvm/vms', vm, 'boot.json'), 'utf8')) as {
      key: string;
      template?: string;
    };
  const dir = join(cache, 'templates');
  const templates = () => (existsSync(dir) ? readdirSync(dir).sort() : []);
  return {
    ...home,
    cache,
    templateOf: (vm) => boot(vm).template,
    keyOf: (vm) => boot(vm).key,
    templates,
    async make() {
      const { name } = await home.up();
      const made = await home.run(['template', 'make']);
      expect(made, made.stderr).toMatchObject({ status: 0 });
      await home.run(['stop', '--force', name]);
      const [key = ''] = templates();
      expect(templates()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
      return join(dir, key);
    },
  };
}

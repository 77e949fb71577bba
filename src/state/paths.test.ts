import { userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPaths } from './paths.ts';

describe('findPaths', () => {
  it('does not depend on the current folder where HOME or an XDG folder is empty or relative', () => {
    const ofUser = findPaths({ HOME: userInfo().homedir });
    for (const value of ['', 'relative', './x']) {
      const paths = findPaths({
        HOME: '/h',
        XDG_STATE_HOME: value,
        XDG_CACHE_HOME: value,
        XDG_RUNTIME_DIR: value,
        XDG_CONFIG_HOME: value,
      });
      expect(paths).toEqual(findPaths({ HOME: '/h' }));
    }
    for (const HOME of ['', 'relative']) {
      const before = process.env.HOME;
      process.env.HOME = HOME;
      try {
        expect(findPaths({ HOME })).toEqual(ofUser);
      } finally {
        if (before === undefined) delete process.env.HOME;
        else process.env.HOME = before;
      }
    }
    expect(Object.values(ofUser).every(isAbsolute)).toBe(true);
  });
});

/** Set by the bundler from package.json; the text stands where the sources run directly. */
declare const MVM_VERSION: string | undefined;

export const version: string = typeof MVM_VERSION === 'string' ? MVM_VERSION : '0.0.0-source';

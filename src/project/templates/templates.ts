import { flake, packages } from './flake.ts';

export interface Template {
  /** In a few words, for the list. */
  summary: string;
  /** The project's files besides mvm.toml, by path. */
  files: (name: string) => Readonly<Record<string, string>>;
}

const shell = (name: string, of: readonly string[], more: readonly string[] = []): string[] => [
  `name = "${name}-dev";`,
  'entrypoint.shell = "/bin/bash";',
  ...packages(of),
  ...more,
];

const server = `const { createServer } = require("node:http");

createServer((_, response) => response.end("Hello from a microVM\\n")).listen(8080, () => {
  console.log("listening on port 8080");
});
`;

const app = `from http.server import BaseHTTPRequestHandler, HTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello from a microVM\\n")


print("listening on port 8080", flush=True)
HTTPServer(("", 8080), Hello).serve_forever()
`;

const rust = `fn main() {
    println!("Hello from a microVM");
}
`;

const go = `package main

import "fmt"

func main() {
\tfmt.Println("Hello from a microVM")
}
`;

const postgres = [`services.postgres.command = [ "\${pkgs.postgresql}/bin/postgres" ];`];

/** Compilers want more than the usual 512 MiB. */
const roomy = ['memory_mib = 2048;'];

/** What `mvmctl init --template` knows, by name. */
export const templates: Readonly<Record<string, Template>> = {
  minimal: {
    summary: 'a bash with git',
    files: (name) => ({
      'flake.nix': flake({ description: 'A shell in a microVM', dev: shell(name, ['git']) }),
    }),
  },
  node: {
    summary: 'Node.js, and a web server on port 8080',
    files: (name) => ({
      'flake.nix': flake({
        description: 'A Node.js server in a microVM',
        dev: shell(name, ['nodejs', 'git'], ['extraFiles."/srv/server.js".source = ./server.js;']),
        run: [
          `name = "${name}";`,
          'entrypoint.command = [',
          `  "\${pkgs.nodejs}/bin/node"`,
          `  "\${./server.js}"`,
          '];',
          'ports = [ 8080 ];',
        ],
      }),
      'server.js': server,
    }),
  },
  python: {
    summary: 'Python 3, and a web server on port 8080',
    files: (name) => ({
      'flake.nix': flake({
        description: 'A Python server in a microVM',
        dev: shell(name, ['python3', 'git'], ['extraFiles."/srv/app.py".source = ./app.py;']),
        run: [
          `name = "${name}";`,
          'entrypoint.command = [',
          `  "\${pkgs.python3}/bin/python3"`,
          `  "\${./app.py}"`,
          '];',
          'ports = [ 8080 ];',
        ],
      }),
      'app.py': app,
    }),
  },
  rust: {
    summary: 'rustc and cargo, and a program to compile',
    files: (name) => ({
      'flake.nix': flake({
        description: 'Rust in a microVM',
        dev: shell(
          name,
          ['rustc', 'cargo', 'gcc', 'git'],
          ['extraFiles."/root/hello/main.rs".source = ./main.rs;', ...roomy],
        ),
      }),
      'main.rs': rust,
    }),
  },
  go: {
    summary: 'Go, and a program to compile',
    files: (name) => ({
      'flake.nix': flake({
        description: 'Go in a microVM',
        dev: shell(name, ['go', 'git'], ['extraFiles."/root/hello/main.go".source = ./main.go;', ...roomy]),
      }),
      'main.go': go,
    }),
  },
  postgres: {
    summary: 'PostgreSQL as a service, with its data on a volume',
    files: (name) => ({
      'flake.nix': flake({
        description: 'PostgreSQL in a microVM',
        dev: shell(name, ['postgresql'], postgres),
        run: [
          `name = "${name}";`,
          'entrypoint.services = true;',
          ...postgres,
          'volumes = [ "/var/lib/postgresql" ];',
        ],
      }),
    }),
  },
};

"""Counts visits in Redis, with no client but a socket."""

import os
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer


class Visits(BaseHTTPRequestHandler):
    def do_GET(self):
        with socket.create_connection(("127.0.0.1", 6379)) as redis:
            redis.sendall(b"INCR visits\r\n")
            count = redis.recv(64).decode().strip().lstrip(":")
        body = f"visit {count}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = HTTPServer(("", int(os.environ["PORT"])), Visits)
print(f"listening on port {server.server_port}")
server.serve_forever()

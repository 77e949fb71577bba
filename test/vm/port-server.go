// Command port-server is what ports.test.ts and the bench connect to in a guest: a program of the guest with connections of
// each kind. It is built by port-server.ts, and prints "listening" when it does.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

func main() {
	serve("0.0.0.0:7001", echo)
	serve("0.0.0.0:7002", count)
	serve("0.0.0.0:7003", source)
	serve("0.0.0.0:7004", func(c *net.TCPConn) { c.Read(make([]byte, 1)); c.SetLinger(0) }) // resets
	serve("0.0.0.0:7005", func(c *net.TCPConn) { select {} })                               // never reads
	serve("127.0.0.1:7006", func(c *net.TCPConn) { io.Copy(c, c) })
	serve("[::1]:7007", func(c *net.TCPConn) { io.Copy(c, c) })
	serve("0.0.0.0:7008", func(c *net.TCPConn) { io.WriteString(c, "bye") }) // closes at once
	l := listen("0.0.0.0:7009")
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	answer("127.0.0.1:7053")
	fmt.Println("listening")
	select {}
}

// answer answers each datagram.
func answer(address string) {
	c, err := net.ListenPacket("udp", address)
	if err != nil {
		panic(err)
	}
	go func() {
		for b := make([]byte, 65536); ; {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				panic(err)
			}
			c.WriteTo(append([]byte("answer: "), b[:n]...), from)
		}
	}()
}

func echo(c *net.TCPConn) {
	if _, err := io.Copy(c, c); err != nil {
		fmt.Printf("echo: %v\n", err)
	}
}

// count tells how many bytes came, once they have ended.
func count(c *net.TCPConn) {
	n, err := io.Copy(io.Discard, c)
	fmt.Fprintf(c, "%d bytes", n)
	if err != nil {
		fmt.Printf("count: %v\n", err)
	}
}

// source sends as many bytes as the first line says.
func source(c *net.TCPConn) {
	line, _ := bufio.NewReader(c).ReadString('\n')
	n, _ := strconv.Atoi(strings.TrimSpace(line))
	for piece := make([]byte, 65536); n > 0; n -= len(piece) {
		if n < len(piece) {
			piece = piece[:n]
		}
		if _, err := c.Write(piece); err != nil {
			fmt.Printf("source: %v\n", err)
			return
		}
	}
}

func listen(address string) net.Listener {
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	return l
}

func serve(address string, each func(*net.TCPConn)) {
	l := listen(address)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				panic(err)
			}
			go func() { defer c.Close(); each(c.(*net.TCPConn)) }()
		}
	}()
}

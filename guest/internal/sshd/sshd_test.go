package sshd

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mvm/guest/internal/process"

	"golang.org/x/crypto/ssh"
)

var reaper = process.NewReaper()

// patience is how long a test waits for what must come. It is a bound, not a pace.
const patience = 20 * time.Second

type fixture struct {
	server *Server
	host   ssh.PublicKey
	user   ssh.Signer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	hostPublic, hostPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server, err := New(Config{HostKey: hostPrivate.Seed(), UserKey: public, Env: map[string]string{"FROM": "image"}}, reaper)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := ssh.NewPublicKey(hostPublic)
	user, _ := ssh.NewSignerFromKey(private)
	return &fixture{server, host, user}
}

// pipe is a connection to the server, as the agent makes one. served is closed when the server is done with it.
func (f *fixture) pipe(t *testing.T) (client net.Conn, served chan struct{}) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ends := [2]net.Conn{}
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "socket")
		if ends[i], err = net.FileConn(file); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	served = make(chan struct{})
	go func() {
		defer close(served)
		f.server.Serve(ends[1])
	}()
	t.Cleanup(func() { ends[0].Close(); await(t, "the server to be done", served) })
	return ends[0], served
}

func await(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
}

func (f *fixture) dial(t *testing.T, user string, key ssh.Signer) (*ssh.Client, chan struct{}, error) {
	t.Helper()
	conn, served := f.pipe(t)
	c, channels, requests, err := ssh.NewClientConn(conn, "", &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: ssh.FixedHostKey(f.host),
	})
	if err != nil {
		return nil, served, err
	}
	return ssh.NewClient(c, channels, requests), served, nil
}

func (f *fixture) client(t *testing.T) (*ssh.Client, chan struct{}) {
	t.Helper()
	c, served, err := f.dial(t, "root", f.user)
	if err != nil {
		t.Fatal(err)
	}
	return c, served
}

func run(t *testing.T, c *ssh.Client, command string) (string, error) {
	t.Helper()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.CombinedOutput(command)
	return string(out), err
}

func TestOnlyTheUsersKeyOpensAndOnlyForUsersThatThereAre(t *testing.T) {
	f := newFixture(t)
	_, other, _ := ed25519.GenerateKey(rand.Reader)
	wrong, _ := ssh.NewSignerFromKey(other)
	if _, _, err := f.dial(t, "root", wrong); err == nil {
		t.Error("another key opens")
	}
	if _, _, err := f.dial(t, "nobody-of-that-name", f.user); err == nil {
		t.Error("a user opens whom there is not")
	}
	f.client(t)
}

func TestStatusSignalAndEnvironment(t *testing.T) {
	f := newFixture(t)
	c, _ := f.client(t)
	out, err := run(t, c, `printf '%s ' "$FROM" "$HOME"; exit 3`)
	var exit *ssh.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 3 || !strings.HasPrefix(out, "image /") {
		t.Errorf("%q %v", out, err)
	}
	if _, err = run(t, c, "kill -TERM $$"); !errors.As(err, &exit) || exit.Signal() != "TERM" {
		t.Errorf("%v", err)
	}
	s, _ := c.NewSession()
	if err := s.Start("trap 'echo heard; exit 0' USR1; echo ready; while :; do sleep 0.01; done"); err != nil {
		t.Fatal(err)
	}
	if err := s.Signal(ssh.SIGUSR1); err != nil {
		t.Error(err)
	}
	_ = s.Signal("NOT-A-SIGNAL")
	s.Close()
}

// alive tells whether the process of this number runs.
func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

func TestWhatASessionStartedEndsWithItsConnectionUnlessItIgnoresThat(t *testing.T) {
	f := newFixture(t)
	c, served := f.client(t)
	s, _ := c.NewSession()
	out, _ := s.StdoutPipe()
	// nohup's way: the disposition is inherited.
	command := `trap '' HUP; sleep 300 </dev/null >/dev/null 2>&1 & one=$!; trap - HUP; sleep 300 & echo $$ $! $one; wait`
	if err := s.Start(command); err != nil {
		t.Fatal(err)
	}
	var shell, background, ignoring string
	if _, err := fmt.Fscan(out, &shell, &background, &ignoring); err != nil {
		t.Fatal(err)
	}
	c.Close()
	await(t, "the session's end", served)
	for deadline := time.Now().Add(patience); alive(shell) || alive(background); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a process of the session goes on")
		}
	}
	if !alive(ignoring) {
		t.Error("a process that ignores HUP has ended")
	}
	var pid int
	fmt.Sscan(ignoring, &pid)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func TestForwardsEndWithTheirConnection(t *testing.T) {
	f := newFixture(t)
	c, served := f.client(t)
	path := filepath.Join(t.TempDir(), "socket")
	port, err := c.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ListenUnix(path); err != nil {
		t.Fatal(err)
	}
	// One that is listened on is taken by nobody else.
	if _, err := c.ListenUnix(path); err == nil {
		t.Error("a socket is taken from the one who listens on it")
	}
	c.Close()
	await(t, "the connection's end", served)
	if conn, err := net.Dial("tcp", port.Addr().String()); err == nil {
		conn.Close()
		t.Error("the port is still listened on")
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there")
	}
	// What another server left behind, which was killed, is in nobody's way.
	l, _ := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	l.SetUnlinkOnClose(false)
	l.Close()
	again, _ := f.client(t)
	if _, err := again.ListenUnix(path); err != nil {
		t.Error(err)
	}
}

func TestRequestsThatMakeNoSenseHarmNobody(t *testing.T) {
	f := newFixture(t)
	c, _ := f.client(t)
	for _, kind := range []string{"direct-tcpip", "direct-streamlocal@openssh.com", "x11", ""} {
		if _, _, err := c.OpenChannel(kind, []byte{0, 0}); err == nil {
			t.Errorf("%q was opened", kind)
		}
	}
	for _, name := range []string{
		"tcpip-forward", "cancel-tcpip-forward", "streamlocal-forward@openssh.com", "cancel-streamlocal-forward@openssh.com",
		"keepalive@openssh.com", "no-more-sessions@openssh.com",
	} {
		if ok, _, err := c.SendRequest(name, true, []byte{0, 0, 0, 9}); ok || err != nil {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	s, requests, err := c.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go ssh.DiscardRequests(requests)
	for _, name := range []string{"pty-req", "env", "exec", "subsystem", "window-change", "signal", "unknown"} {
		if ok, err := s.SendRequest(name, true, []byte{0, 0, 0, 9}); ok || err != nil {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	s.Close()
	if out, err := run(t, c, "echo still here"); out != "still here\n" || err != nil {
		t.Errorf("%q %v", out, err)
	}
	raw, served := f.pipe(t)
	_, _ = raw.Write(append([]byte("SSH-2.0-x\r\n"), make([]byte, 4096)...))
	await(t, "the end of a connection that speaks nonsense", served)
}

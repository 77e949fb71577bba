package handin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// reaper collects children; not in the server, which is this program too.
var reaper *process.Reaper

func TestMain(m *testing.M) {
	if os.Args[0] == "mvm-ssh" {
		serve()
		return
	}
	reaper = process.NewReaper()
	os.Exit(m.Run())
}

// serve is a server of the tests: it answers a connection with its process id and its configuration, and echoes.
func serve() {
	conn, _ := net.FileConn(os.Stdin)
	line := conn.(*net.UnixConn)
	config := make([]byte, 65536)
	n, _ := line.Read(config)
	for {
		rights := make([]byte, unix.CmsgSpace(4))
		_, size, _, _, err := line.ReadMsgUnix(make([]byte, 1), rights)
		if err != nil || size == 0 {
			return
		}
		messages, _ := unix.ParseSocketControlMessage(rights[:size])
		fds, _ := unix.ParseUnixRights(&messages[0])
		go func() {
			one, _ := net.FileConn(os.NewFile(uintptr(fds[0]), "connection"))
			fmt.Fprintf(one, "%d %s\n", os.Getpid(), config[:n])
			_, _ = io.Copy(one, one)
			one.Close()
		}()
	}
}

func keeper(t *testing.T) (*Keeper, *channeltest.Link) {
	k := &Keeper{Reaper: reaper, Env: map[string]string{"A": "image", "B": "image"}, Shell: []string{"/bin/sh"}}
	t.Cleanup(func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.stop()
	})
	return k, channeltest.Serve(t, map[string]channel.Opener{"ssh": k.Opener()})
}

func server(t *testing.T) (program []byte, digest string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if program, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	return program, hex.EncodeToString(sum[:])
}

// handIn asks for the server, and sends the program where it is asked for.
func handIn(t *testing.T, l *channeltest.Link, digest string, program []byte, env map[string]string) (sent bool, last protocol.Frame) {
	t.Helper()
	h := channeltest.Open(t, l, map[string]any{"op": "ssh", "digest": digest, "hostKey": []byte("h"), "userKey": []byte("u"), "env": env})
	defer h.Conn.Close()
	var started startedMessage
	if err := json.Unmarshal(h.Expect(protocol.Started).Payload, &started); err != nil {
		t.Fatal(err)
	}
	if !started.Present {
		h.Input(string(program))
		h.Send(protocol.EOF, protocol.Stdin, nil)
	}
	return !started.Present, h.Frame()
}

// greeting is what the server says to a connection.
func greeting(t *testing.T, k *Keeper) (pid int, config string) {
	t.Helper()
	conn, err := k.connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	var text []byte
	for one := make([]byte, 1); !bytes.HasSuffix(text, []byte("\n")); text = append(text, one...) {
		if _, err := conn.Read(one); err != nil {
			t.Fatal(err)
		}
	}
	number, rest, _ := bytes.Cut(text, []byte(" "))
	if pid, err = strconv.Atoi(string(number)); err != nil {
		t.Fatal(err)
	}
	return pid, string(rest)
}

func TestAProgramIsHandedInOnceAndRuns(t *testing.T) {
	k, l := keeper(t)
	program, digest := server(t)
	sent, last := handIn(t, l, digest, program, map[string]string{"B": "host"})
	if !sent || last.Type != protocol.Result {
		t.Fatalf("%v %s", sent, last.Payload)
	}
	pid, config := greeting(t, k)
	want := `{"env":{"A":"image","B":"host"},"hostKey":"aA==","shell":["/bin/sh"],"userKey":"dQ=="}` + "\n"
	if config != want {
		t.Errorf("configured with %s", config)
	}
	if sent, last = handIn(t, l, digest, nil, map[string]string{"B": "host"}); sent || last.Type != protocol.Result {
		t.Errorf("the second time: %v %s", sent, last.Payload)
	}
	if again, _ := greeting(t, k); again != pid {
		t.Error("the second time another process was started")
	}
	if sent, last = handIn(t, l, digest, nil, nil); sent || last.Type != protocol.Result {
		t.Errorf("with another configuration: %v %s", sent, last.Payload)
	}
	if again, _ := greeting(t, k); again == pid {
		t.Error("with another configuration it goes on with the old one")
	}
}

func TestAServerThatEndedIsStartedByTheNextConnection(t *testing.T) {
	k, l := keeper(t)
	program, digest := server(t)
	handIn(t, l, digest, program, nil)
	pid, config := greeting(t, k)
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for deadline := time.Now().Add(20 * time.Second); ; {
		k.mu.Lock()
		ended := k.control == nil
		k.mu.Unlock()
		if ended {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("its end was not seen")
		}
		time.Sleep(time.Millisecond)
	}
	again, same := greeting(t, k)
	if again == pid || same != config {
		t.Errorf("%d, configured with %s", again, same)
	}
}

func TestTheServerStartsWhateverNumbersItsDescriptorsHave(t *testing.T) {
	k, l := keeper(t)
	program, digest := server(t)
	handIn(t, l, digest, program, nil)
	greeting(t, k)
	k.mu.Lock()
	k.stop()
	// ForkExec puts a pipe of its own behind the highest of the descriptors that it is given: at the program's number.
	stdout := os.Stdout
	t.Cleanup(func() { os.Stdout = stdout })
	os.Stdout = movedTo(t, stdout, 199)
	moved := movedTo(t, k.program.file, 200)
	k.program.file.Close()
	k.program.file = moved
	k.mu.Unlock()
	greeting(t, k)
}

func movedTo(t *testing.T, file *os.File, number int) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, number)
	if err != nil || fd != number {
		t.Fatal(fd, err)
	}
	return os.NewFile(uintptr(fd), file.Name())
}

func TestAnotherProgramThanTheOneAnnouncedIsNeverRun(t *testing.T) {
	k, l := keeper(t)
	program, digest := server(t)
	broken := append([]byte{}, program...)
	broken[len(broken)/2] ^= 1
	for _, p := range [][]byte{broken, program[:len(program)-1], nil} {
		sent, last := handIn(t, l, digest, p, nil)
		if !sent || last.Type != protocol.Error || !bytes.Contains(last.Payload, []byte("bad_digest")) {
			t.Errorf("%v %s", sent, last.Payload)
		}
	}
	if _, err := k.connect(); err == nil {
		t.Error("something runs")
	}
}

func TestAHostThatLeavesInTheMiddleLeavesNothing(t *testing.T) {
	k, l := keeper(t)
	program, digest := server(t)
	h := channeltest.Open(t, l, map[string]any{"op": "ssh", "digest": digest})
	h.Expect(protocol.Started)
	h.Input(string(program[:100_000]))
	h.Conn.Close()
	if sent, last := handIn(t, l, digest, program, nil); !sent || last.Type != protocol.Result {
		t.Errorf("the next one: %v %s", sent, last.Payload)
	}
	greeting(t, k)
}

func TestRequestsThatMakeNoSenseAreRefused(t *testing.T) {
	_, l := keeper(t)
	for _, open := range []map[string]any{
		{"op": "ssh"},
		{"op": "ssh", "digest": "AB"},
		{"op": "ssh", "digest": hex.EncodeToString(make([]byte, 32)), "env": map[string]string{"": "x"}},
	} {
		h := channeltest.Open(t, l, open)
		h.Fails("bad_request")
		h.Conn.Close()
	}
}

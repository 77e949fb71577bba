package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write protocol/vectors anew")

func TestWriteVectors(t *testing.T) {
	if !*update {
		t.Skip("go test ./internal/protocol -run WriteVectors -update writes the vectors")
	}
	save(t, "frames.json", frameVectors())
	save(t, "invalid.json", invalidVectors())
	save(t, "openings.json", openingVectors())
	save(t, "proofs.json", proofVectors())
}

func save(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectors+name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func frameVectors() (out []frameVector) {
	add := func(name string, typ Type, stream uint8, payload string) {
		v := frameVector{Name: name, Bytes: hex.EncodeToString(AppendFrame(nil, Frame{typ, stream, []byte(payload)}))}
		v.Frame.Type, v.Frame.Stream, v.Frame.Payload = typ, stream, hex.EncodeToString([]byte(payload))
		out = append(out, v)
	}
	add("hello", Hello, 0, `{"generation":1}`)
	add("hello with the host's time", Hello, 0, `{"generation":1,"unixMs":1700000000000}`)
	add("open exec", Open, 0, `{"op":"exec","argv":["echo","grüße"],"env":{"A":"b"},"tty":false,"stdin":true}`)
	add("open services", Open, 0, `{"op":"services","follow":true}`)
	add("open logs", Open, 0, `{"op":"logs","service":"redis","follow":false,"sinceUnixMs":1700000000000,"tail":10}`)
	add("open logs of all", Open, 0, `{"op":"logs"}`)
	add("open entrypoint", Open, 0, `{"op":"entrypoint"}`)
	add("open service", Open, 0, `{"op":"service","name":"redis","action":"restart"}`)
	add("open with an empty object", Open, 0, `{}`)
	add("data on stdin", Data, 0, "input\n")
	add("data on stdout", Data, 1, "\x00\x01\xff\xfe")
	add("data with a line of a log", Data, 1, "2026-11-24T19:07:26.123Z redis err \x1b[31mwarning\x1b[m\n")
	add("data on stderr", Data, 2, "e")
	add("data of a replay", Data, 3, "\x1b[?1049h")
	add("data that looks like a header", Data, 1, "\x03\x01\x00\x00\x00\x00\x00\x01")
	add("data of 256 bytes", Data, 1, strings.Repeat("x", 256))
	add("end of stdin", EOF, 0, "")
	add("end of stdout", EOF, 1, "")
	add("end of stderr", EOF, 2, "")
	add("resize", Resize, 0, "\x00\x18\x00\x50")
	add("resize to the least", Resize, 0, "\x00\x01\x00\x01")
	add("resize to the most", Resize, 0, "\xff\xff\xff\xff")
	add("signal", Signal, 0, `{"signal":"INT"}`)
	add("close", Close, 0, "")
	add("ping", Ping, 0, "")
	add("pong", Pong, 0, "")
	add("notice", Notice, 0, `{"listeners":[80,8080],"left":true}`)
	add("welcome", Welcome, 0, `{"generation":1,"agent":"0.1.0","ops":["exec","console","info","shutdown"]}`)
	add("started", Started, 0, `{"pid":123}`)
	add("credit", Credit, 0, "\x00\x01\x00\x00")
	add("live", Live, 0, "")
	add("event", Event, 0, `{"event":"ready","uptimeMs":1034}`)
	unit := `{"name":"redis","state":"backoff","pid":null,"restarts":3,"uptimeMs":null,"status":137,"signal":"KILL","message":"ended by signal KILL","preset":"redis","user":"redis"}`
	add("event of services", Event, 0, `{"entrypoint":null,"services":[`+unit+`],"healthChecks":[{"name":"web","state":"unknown","failures":0,"message":"","ageMs":null}]}`)
	add("started without a process", Started, 0, `{"pid":null}`)
	add("exit", Exit, 0, `{"status":137,"signal":"KILL"}`)
	add("error", Error, 0, `{"code":"not_found","message":"no such program: frob","hint":""}`)
	add("result", Result, 0, `{}`)
	add("result of logs", Result, 0, `{"dropped":0}`)
	add("result of service", Result, 0, unit)
	add("open streams", Open, 0, `{"op":"streams"}`)
	add("started of streams", Started, 0, `{"maxStreams":1024}`)
	add("stream open", StreamOpen, 0, "\x00\x00\x00\x01"+`{"to":"tcp","port":8080}`)
	add("stream data", StreamData, 0, "\x00\x00\x00\x01GET / HTTP/1.1\r\n")
	add("stream data of one byte, of the last stream", StreamData, 0, "\xff\xff\xff\xffx")
	add("stream end", StreamEnd, 0, "\x00\x00\x00\x01")
	add("stream reset", StreamReset, 0, "\x00\x00\x00\x01refused")
	add("stream window", StreamWindow, 0, "\x00\x00\x00\x01\x00\x00\x80\x00")
	return out
}

func invalidVectors() (out []invalidVector) {
	add := func(name, reason, raw string) {
		out = append(out, invalidVector{name, hex.EncodeToString([]byte(raw)), reason})
	}
	add("type zero", "type", "\x00\x00\x00\x00\x00\x00\x00\x02{}")
	add("type after the host's last", "type", "\x09\x00\x00\x00\x00\x00\x00\x02{}")
	add("type 0x83, which generation 1 does not use", "type", "\x83\x00\x00\x00\x00\x00\x00\x02{}")
	add("type 0xff", "type", "\xff\x00\x00\x00\x00\x00\x00\x00")
	add("text where a header should be", "type", "Linux version")
	add("first reserved byte set", "reserved", "\x03\x00\x01\x00\x00\x00\x00\x01a")
	add("second reserved byte set", "reserved", "\x07\x00\x00\x01\x00\x00\x00\x00")
	add("data on stream 4", "stream", "\x03\x04\x00\x00\x00\x00\x00\x01a")
	add("end of the replay stream", "stream", "\x04\x03\x00\x00\x00\x00\x00\x00")
	add("hello on stream 1", "stream", "\x01\x01\x00\x00\x00\x00\x00\x02{}")
	add("resize on stream 1", "stream", "\x05\x01\x00\x00\x00\x00\x00\x04\x00\x18\x00\x50")
	add("one byte more than the limit", "length", "\x03\x00\x00\x00\x00\x04\x00\x01")
	add("the longest length a field can hold", "length", "\x02\x00\x00\x00\xff\xff\xff\xff")
	add("empty data", "length", "\x03\x01\x00\x00\x00\x00\x00\x00")
	add("end of a stream with a payload", "length", "\x04\x00\x00\x00\x00\x00\x00\x01a")
	add("close with a payload", "length", "\x07\x00\x00\x00\x00\x00\x00\x02{}")
	add("ping with a payload", "length", "\x08\x00\x00\x00\x00\x00\x00\x01a")
	add("pong on stream 1", "stream", "\x8a\x01\x00\x00\x00\x00\x00\x00")
	add("live with a payload", "length", "\x85\x00\x00\x00\x00\x00\x00\x01a")
	add("open without a payload", "length", "\x02\x00\x00\x00\x00\x00\x00\x00")
	add("resize of three bytes", "length", "\x05\x00\x00\x00\x00\x00\x00\x03\x00\x18\x00")
	add("resize of five bytes", "length", "\x05\x00\x00\x00\x00\x00\x00\x05\x00\x18\x00\x50\x00")
	add("credit of eight bytes", "length", "\x84\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01")
	add("resize to no rows", "payload", "\x05\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x50")
	add("resize to no columns", "payload", "\x05\x00\x00\x00\x00\x00\x00\x04\x00\x18\x00\x00")
	add("stream open of stream 0", "stream", "\x10\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00\x00{}")
	add("stream data with a stream in its header", "stream", "\x11\x01\x00\x00\x00\x00\x00\x05\x00\x00\x00\x01x")
	add("stream data without data", "length", "\x11\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x01")
	add("stream data one byte beyond the limit", "length", "\x11\x00\x00\x00\x00\x00\x80\x05\x00\x00\x00\x01x")
	add("stream end with a payload", "length", "\x12\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x01x")
	add("stream end without a stream", "length", "\x12\x00\x00\x00\x00\x00\x00\x00")
	add("stream reset without a reason", "length", "\x13\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x01")
	add("stream window of two bytes", "length", "\x14\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00\x01\x00\x01")
	add("type 0x15, which generation 1 does not use", "type", "\x15\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x01")
	add("a good frame and then a bad one", "type", "\x07\x00\x00\x00\x00\x00\x00\x00\x7f\x00\x00\x00\x00\x00\x00\x00")
	return out
}

func openingVectors() (out []openingVector) {
	mark := unhexed("f3a1c05e9b2d47886611d0ffee34ab09")
	nonce := unhexed("00112233445566778899aabbccddeeff")
	earlier := unhexed("ffffffffffffffff0000000000000000")
	rest := string(AppendFrame(nil, Frame{Hello, 0, []byte(`{"generation":1}`)})) +
		string(AppendFrame(nil, Frame{Open, 0, []byte(`{"op":"info"}`)}))
	add := func(name, mark, before, rest string) {
		x := func(s string) string { return hex.EncodeToString([]byte(s)) }
		out = append(out, openingVector{name, x(mark), x(before + mark + nonce + rest), len(before), x(nonce), x(rest)})
	}
	add("nothing before", mark, "", rest)
	add("nothing after", mark, "", "")
	add("text before", mark, "\r\nlogin: ", rest)
	add("a frame broken off before", mark, "\x03\x00\x00\x00\x00\x00\x80\x00abc", rest)
	add("more than a read's worth before", mark, strings.Repeat("\x00\xf3\xa1", 400), rest)
	add("the mark's first byte before", mark, mark[:1], rest)
	add("all but the mark's last byte before", mark, mark[:15], rest)
	add("the mark's beginnings before", mark, mark[:15]+mark[:7]+mark[:3]+mark[:8], rest)
	add("all but the mark's first byte before", mark, mark[1:], rest)
	add("an opening broken off after its mark", mark, mark, rest)
	add("an opening broken off in its nonce", mark, mark+earlier[:5], rest)
	add("a whole opening before: the later one counts", mark, mark+earlier+rest, rest)
	add("an opening broken off in a frame that promises more", mark, mark+earlier+rest+"\x03\x00\x00\x00\x00\x00\x80\x00abc", rest)
	add("a mark of two alternating bytes, and half a pair before", strings.Repeat("\xab\xcd", 8), "\xcd", rest)
	return out
}

func proofVectors() (out []proofVector) {
	add := func(name, key, host, guest string) {
		k := Key([]byte(unhexed(key)))
		h, g := [NonceSize]byte([]byte(unhexed(host))), [NonceSize]byte([]byte(unhexed(guest)))
		mark, ofGuest, ofHost := k.Mark(), k.GuestProof(h, false), k.HostProof(h, g)
		stopping := k.GuestProof(h, true)
		x := hex.EncodeToString
		out = append(out, proofVector{name, key, host, guest, x(mark[:]), x(ofGuest[:]), x(stopping[:]), x(ofHost[:])})
	}
	key := "f3a1c05e9b2d47886611d0ffee34ab0902c7584be6907d1ca4135fbe29d873a6"
	add("two nonces", key, "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")
	add("equal nonces", key, "00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff")
	add("a key of zeros", strings.Repeat("00", KeySize), strings.Repeat("ff", NonceSize), strings.Repeat("01", NonceSize))
	return out
}

func unhexed(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

package protocol

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// HelloMessage is the payload of HELLO.
type HelloMessage struct {
	Generation int `json:"generation"`
	// UnixMs is the host's time when it sent this; 0 where it does not say.
	UnixMs int64 `json:"unixMs"`
}

// OpenMessage is what all OPEN payloads have in common.
type OpenMessage struct {
	Op string `json:"op"`
	// Listeners asks for a NOTICE when programs begin or cease to listen.
	Listeners bool `json:"listeners"`
}

// SignalMessage is the payload of SIGNAL.
type SignalMessage struct {
	Signal string `json:"signal"`
}

// WelcomeMessage is the payload of WELCOME.
type WelcomeMessage struct {
	Generation int      `json:"generation"`
	Agent      string   `json:"agent"`
	Ops        []string `json:"ops"`
}

// ExitMessage is the payload of EXIT. Signal is a name without SIG, empty where none ended the process.
type ExitMessage struct {
	Status int    `json:"status"`
	Signal string `json:"signal,omitempty"`
}

// Failure is the payload of ERROR.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// ParseObject reads a payload that must be a UTF-8 JSON object into v. Fields that v does not have are
// ignored. A field of the wrong type is a *json.UnmarshalTypeError, everything else a *Violation.
func ParseObject(p []byte, v any) error {
	if !utf8.Valid(p) {
		return Violate("json", "a payload is not UTF-8")
	}
	if t := bytes.TrimLeft(p, " \t\r\n"); len(t) == 0 || t[0] != '{' {
		return Violate("json", "a payload is not a JSON object")
	}
	err := json.Unmarshal(p, v)
	if _, wrongType := err.(*json.UnmarshalTypeError); wrongType || err == nil {
		return err
	}
	return Violate("json", "a payload is not valid JSON: %v", err)
}

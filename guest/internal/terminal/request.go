// Package terminal has what operations with a terminal share.
package terminal

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"
)

// Request is the size that an OPEN asks for. 0 means that it does not say.
type Request struct {
	Rows int `json:"rows"`
	Cols int `json:"cols"`
}

// Check refuses sizes that no terminal has.
func (q Request) Check() *protocol.Failure {
	if q.Rows < 0 || q.Rows > 65535 || q.Cols < 0 || q.Cols > 65535 {
		return channel.BadRequest("rows and cols are 1 to 65535")
	}
	return nil
}

// Size is the size to use: 24 rows and 80 columns where none was given.
func (q Request) Size() (rows, cols uint16) {
	rows, cols = uint16(q.Rows), uint16(q.Cols)
	if rows == 0 {
		rows = 24
	}
	if cols == 0 {
		cols = 80
	}
	return rows, cols
}

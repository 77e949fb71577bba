package info

import (
	"testing"
	"time"
)

func TestCPUTimeGrowsWithWork(t *testing.T) {
	before := busy()
	for begun := time.Now(); time.Since(begun) < 300*time.Millisecond; {
	}
	if worked := busy() - before; worked < 100 {
		t.Errorf("%d ms of work", worked)
	}
}

func TestTrafficIsRead(t *testing.T) {
	if received, sent := traffic(); received < 0 || sent < 0 {
		t.Error(received, sent)
	}
}

package listen

import (
	"sync"
	"time"
)

// limit is the deadline of one direction. A deadline is an instant of the
// wall clock by net.Conn's contract, so no injected clock is asked.
//
// http.Server moves deadlines with every request. A timer that is armed for
// an earlier instant than the deadline is therefore left alone; when it fires
// it looks again.
type limit struct {
	mu     *sync.Mutex // guards everything; the flow's
	wake   *sync.Cond  // who waits for this limit
	at     time.Time   // zero: none
	passed bool
	timer  *time.Timer
	armed  time.Time // when timer fires; zero: it does not
}

// deadline is the instant after which a connection's owner has waited for d.
func deadline(d time.Duration) time.Time { return time.Now().Add(d) }

func (l *limit) set(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at, l.passed = t, false
	l.check()
}

// check compares deadline and clock, and arms the timer when there is need.
func (l *limit) check() {
	if l.at.IsZero() {
		return
	}
	left := time.Until(l.at)
	if left <= 0 {
		l.passed = true
		l.wake.Broadcast()
		return
	}
	if !l.armed.IsZero() && !l.armed.After(l.at) {
		return
	}
	l.armed = l.at
	if l.timer == nil {
		l.timer = time.AfterFunc(left, l.fire)
		return
	}
	l.timer.Reset(left)
}

func (l *limit) fire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed = time.Time{}
	l.check()
}

func (l *limit) stop() {
	l.at = time.Time{}
	if l.timer != nil {
		l.timer.Stop()
	}
}

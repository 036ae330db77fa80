package main

import (
	"bytes"
	"log/slog"
	"testing"
)

// A notice is a sentence: what happened, what is known beside it, what to do about it.
func TestNoticesAreSentences(t *testing.T) {
	for _, tt := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"alone", func(l *slog.Logger) { l.Info("it began") }, "sundog: it began\n"},
		{"with a mend", func(l *slog.Logger) {
			l.Warn("refused a.test:443: it is not in this world", "mend", "start it with --egress a.test:443")
		},
			"sundog: refused a.test:443: it is not in this world; start it with --egress a.test:443\n"},
		{"with an empty mend", func(l *slog.Logger) { l.Warn("nothing helps", "mend", "") }, "sundog: nothing helps\n"},
		{"with more", func(l *slog.Logger) {
			l.With("method", "GET").Warn("no such route", "mend", "ask for another", "path", "/x")
		},
			"sundog: no such route (method GET, path /x); ask for another\n"},
		{"with what moves cursors", func(l *slog.Logger) { l.Warn("a\x1b[2Jb", "path", "c\nd\u009be") }, "sundog: a\ufffd[2Jb (path c\ufffdd\ufffde)\n"},
	} {
		var out bytes.Buffer
		tt.log(slog.New(newNotices(&out, "sundog: ")))
		if out.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, &out, tt.want)
		}
	}
	// Two that come from one do not write into each other.
	var out bytes.Buffer
	l := slog.New(newNotices(&out, ": ")).With("a", 1)
	b, c := l.With("b", 2), l.With("c", 3)
	b.Info("x", "d", 4)
	c.Info("y", "e", 5)
	if want := ": x (a 1, b 2, d 4)\n: y (a 1, c 3, e 5)\n"; out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}

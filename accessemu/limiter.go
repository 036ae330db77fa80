package accessemu

import "time"

// limiter counts what happens for each key, in buckets that leak. When it keeps
// as many buckets as it may, the keys that have none share one: a full bucket
// is never forgotten, or making up keys would empty it.
type limiter struct {
	burst int           // events that fit into a bucket
	every time.Duration // one leaks out in each of these
	most  int           // buckets

	kept   map[string]*bucket
	shared bucket
	swept  time.Time
}

type bucket struct {
	level float64
	at    time.Time
}

// of is the bucket of a key, leaked up to now. It is kept only once add was
// called.
func (l *limiter) of(key string, now time.Time) *bucket {
	b, ok := l.kept[key]
	switch {
	case ok:
	case len(l.kept) < l.most:
		b = &bucket{at: now}
	default:
		b = &l.shared
	}
	l.leak(b, now)
	return b
}

func (l *limiter) leak(b *bucket, now time.Time) {
	if passed := now.Sub(b.at); passed > 0 { // a clock that was set back takes nothing out and puts nothing in
		b.level = max(0, b.level-float64(passed)/float64(l.every))
	}
	b.at = now
}

// full tells whether one more event would not fit.
func (l *limiter) full(key string, now time.Time) bool {
	return l.of(key, now).level+1 > float64(l.burst)
}

// add counts an event.
func (l *limiter) add(key string, now time.Time) {
	if len(l.kept) >= l.most && now.Sub(l.swept).Abs() >= l.every {
		l.swept = now
		for k, b := range l.kept {
			if l.leak(b, now); b.level == 0 {
				delete(l.kept, k)
			}
		}
	}
	b := l.of(key, now)
	if b.level++; b != &l.shared {
		if l.kept == nil {
			l.kept = map[string]*bucket{}
		}
		l.kept[key] = b
	}
}

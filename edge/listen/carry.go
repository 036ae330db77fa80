package listen

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

var carryBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// carry copies both ways until both sides have ended their sending, one
// breaks, nothing moves for idle, or ctx ends. Both are closed then.
func carry(ctx context.Context, a, b net.Conn, idle time.Duration) {
	var once sync.Once
	end := func() {
		once.Do(func() {
			a.Close()
			b.Close()
		})
	}
	defer end()
	stop := context.AfterFunc(ctx, end)
	defer stop()
	quiet := time.AfterFunc(idle, end)
	defer quiet.Stop()

	oneWay := func(dst, src net.Conn) {
		buf := carryBuffers.Get().(*[32 << 10]byte)
		defer carryBuffers.Put(buf)
		for {
			n, err := src.Read(buf[:])
			if n > 0 {
				quiet.Reset(idle)
				if _, werr := dst.Write(buf[:n]); werr != nil {
					end()
					return
				}
			}
			switch {
			case err == io.EOF:
				if closeWrite(dst) != nil {
					end()
				}
				return
			case err != nil:
				end()
				return
			}
		}
	}
	var both sync.WaitGroup
	both.Go(func() { oneWay(b, a) })
	oneWay(a, b)
	both.Wait()
}

package connector

import (
	"io"
	"sync"
)

// duplex is both directions of an upgraded stream.
type duplex struct {
	io.Reader
	io.Writer
	closeWrite func() error
	end        func()
	release    func() // nil: nobody counts
	once       sync.Once
}

// CloseWrite ends the direction to the origin.
func (d *duplex) CloseWrite() error { return d.closeWrite() }

// Close ends both directions.
func (d *duplex) Close() error {
	d.once.Do(func() {
		d.end()
		if d.release != nil {
			d.release()
		}
	})
	return nil
}

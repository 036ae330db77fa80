package listen

import (
	"context"
	"log/slog"
)

// startTunnel gives the sockets of the tunnel listener to its handler.
func (s *Server) startTunnel(base context.Context, h Handlers, socks *sockets) {
	if socks.tunnelTCP == nil {
		return
	}
	ctx, cancel := context.WithCancel(base)
	s.dialled = cancel
	s.run(func() error {
		err := h.Tunnel(ctx, socks.tunnelTCP, socks.tunnelUDP)
		if err != nil {
			h.Log.Error("the tunnel listener has ended", slog.Any("error", err))
		}
		return err
	})
}

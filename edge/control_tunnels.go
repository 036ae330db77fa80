package edge

import (
	"net/http"

	"github.com/sundog-edge/sundog/edge/admin"
)

func (b *backend) Tunnels() []admin.Tunnel { return (*Edge)(b).Tunnels() }

func (b *backend) Tunnel(name string) (admin.Tunnel, error) {
	s := b.snap.Load()
	t, err := s.tunnelNamed(name)
	if err != nil {
		return admin.Tunnel{}, err
	}
	return (*Edge)(b).tunnelState(s, t), nil
}

func (b *backend) TunnelAccess(name string) (admin.TunnelAccess, error) {
	s := b.snap.Load()
	t, err := s.tunnelNamed(name)
	if err != nil {
		return admin.TunnelAccess{}, err
	}
	c := s.dialable(t)
	a := admin.TunnelAccess{ID: c.ID, Name: c.Name, Token: c.Token(), Credentials: c.Credentials(), Managed: c.Managed}
	if !c.Managed {
		a.ConfigFile = (*Edge)(b).tunnelState(s, t).ConfigFile
	}
	return a, nil
}

func (b *backend) Quick() (admin.Quick, error) { return (*Edge)(b).Quick() }

func (b *backend) EndQuick(id string) (bool, error) { return (*Edge)(b).EndQuick(id) }

func (b *backend) QuickService(key string) (http.HandlerFunc, error) {
	return (*Edge)(b).quickService(key)
}

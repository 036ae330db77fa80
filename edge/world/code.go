package world

import (
	"github.com/sundog-edge/sundog/edge/worker/version"
	"github.com/sundog-edge/sundog/internal/derive"
)

// copyCode copies a document of Workers, Pages or VPC; nil: it is none.
func copyCode(value any) any {
	switch v := value.(type) {
	case *VPCService:
		c := *v
		return &c
	case *version.Version:
		c := *v
		return &c
	case *Worker:
		c := *v
		return &c
	case *PagesProject:
		c := *v
		return &c
	case *WorkerDomain:
		c := *v
		return &c
	case *WorkerRoute:
		c := *v
		return &c
	}
	return nil
}

// identifyCode derives the id of a document of Workers, Pages or VPC where no file gives it.
func identifyCode(value any, account string) {
	switch v := value.(type) {
	case *VPCService:
		if v.ID == "" && v.Name != "" {
			v.ID = derive.UUID(account, "vpc_service", v.Name)
		}
	case *Worker:
		if v.ID == "" && v.Name != "" {
			v.ID = derive.Hex32(account, "worker", v.Name)
		}
	case *PagesProject:
		if v.ID == "" && v.Name != "" {
			v.ID = derive.UUID(account, "pages_project", v.Name)
		}
	case *WorkerDomain:
		if v.ID == "" && v.Hostname != "" {
			v.ID = derive.Hex32(account, "worker_domain", v.Hostname)
		}
	case *WorkerRoute:
		if v.ID == "" && v.Pattern != "" {
			v.ID = derive.Hex32(account, "worker_route", v.ZoneID+" "+v.Pattern)
		}
	}
}
